using System.Globalization;
using System.Text;
using XenBalloon.EndToEnd.Rig;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.RigBenchmarks;

/// <summary>
/// A run of the rig repeated in the simulator: with the same sizes, phases, reports and policy, and memory as slow as
/// the emulator's. The simulator does not model the CPU time of dom0 and balloons.
/// </summary>
internal sealed class Simulated
{
    // Speeds of a PV guest on the emulated host (tests/rig/README.md): filling memory, ballooning, and swapping, which
    // takes a millisecond a page.
    private const int FillMiBPerSecond = 57, GrowMiBPerSecond = 80, ShrinkMiBPerSecond = 40, SwapMiBPerSecond = 4;

    // The memory of a test guest besides its job's: it was seen to use 117 MiB with a job of 30 MiB.
    private const int KernelMiB = 87, Dom0MiB = 512;

    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(8), Step = TimeSpan.FromSeconds(0.5);

    private readonly Run run;
    private readonly Trace trace;
    private readonly IReadOnlyList<TimelineMoment> moments;

    private Simulated(Run run, Trace trace)
    {
        this.run = run;
        this.trace = trace;
        var scenario = ScenarioFile.Parse(Describe(run, trace), $"{run.Name}.scenario").Scenario
            ?? throw new RigException($"{run.Name} is not a valid scenario");
        var name = run.Mover == Mover.Ours ? "fair-share" : PolicyCatalog.Static;
        var policy = PolicyCatalog.All.First(entry => entry.Name == name).Create(scenario);
        var recorder = new TimelineRecorder(scenario.Duration, (int)(scenario.Duration / Step) + 2);
        SimulationRun.Run(scenario, policy, scenario.Duration, recorder);
        moments = recorder.Moments;
    }

    /// <summary>
    /// Null if the simulator lacks the job or the policy, or if the order of the reports is random.
    /// </summary>
    public static Simulated? Of(Run run, Trace trace) =>
        run.Mover is Mover.Ours or Mover.Static && run.Reports != Reports.Minute && run.Scenario.StartMiB is null
        && run.Phases.All(phase =>
            phase.Jobs.All(job => job.StartsWith("touch ", StringComparison.Ordinal) || job == Scenarios.Idle))
            ? new Simulated(run, trace)
            : null;

    /// <summary>
    /// The hot guests' work in the phase, in percent of their work without shortage; null if they only fill memory.
    /// </summary>
    public double? OfCeiling(int phase)
    {
        double done = 0, most = 0;
        foreach (var hot in run.Phases[phase].Hot)
        {
            var filled = At(phase) + TimeSpan.FromSeconds(FillSeconds(run.Phases[phase].Jobs[hot]));
            foreach (var moment in Within(phase).Where(m => m.At >= filled))
            {
                done += moment.Guests[hot] is { } guest ? 1 / guest.Slowdown : 0;
                most++;
            }
        }

        return most == 0 ? null : 100 * done / most;
    }

    /// <summary>The mean memory of a hot guest in the phase, MiB.</summary>
    public double HeldMiB(int phase) =>
        Within(phase).Average(
            m => run.Phases[phase].Hot.Average(hot => (m.Guests[hot]?.Actual.Value ?? 0) / 1024.0));

    private static double FillSeconds(string job)
    {
        var words = job.Split(' ');
        var pace = words.Length > 2 ? Number(words[2]) : FillMiBPerSecond;
        return (double)Number(words[1]) / pace;
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static string Describe(Run run, Trace trace)
    {
        var text = new StringBuilder();
        var end = Lead + TimeSpan.FromMilliseconds(trace.Marks[^1] - trace.Marks[0]);
        var report = run.Reports == Reports.Agent ? "agent every 60s delay 100ms" : "xenserver every 1s";
        text.Append(CultureInfo.InvariantCulture, $"""
            [scenario]
            host = {Dom0MiB + Scenarios.SlackMiB + Scenarios.AllMiB}m
            dom0 = {Dom0MiB}m
            slack = {Scenarios.SlackMiB}m
            keep-free = 0m
            duration = {(long)end.TotalMilliseconds}ms

            [defaults]
            maxmem = {Scenarios.MaxMiB}m
            kernel = {KernelMiB}m
            swap = size 512m speed {SwapMiBPerSecond}m/s
            balloon = shrink {ShrinkMiBPerSecond}m/s grow {GrowMiBPerSecond}m/s

            """);
        for (var i = 0; i < run.SizesMiB.Count; i++)
        {
            var lies = run.Scenario.Liar == i;
            text.Append(CultureInfo.InvariantCulture, $"\n[guest {"abc"[i]}]\nmemory = {run.SizesMiB[i]}m\n");
            text.Append(CultureInfo.InvariantCulture, $"report = {report}{(lies ? " claims-all" : "")}\n");
            text.Append(CultureInfo.InvariantCulture, $"anonymous = ramp {string.Join(", ", Load(run, trace, i))}\n");
            if (i == 2 && run.Scenario.Swapless)
                text.Append("swap = none\n");
        }

        return text.ToString();
    }

    /// <summary>The memory of a guest's jobs, as the points of a ramp.</summary>
    private static IEnumerable<string> Load(Run run, Trace trace, int guest)
    {
        var idle = Number(Scenarios.Idle.Split(' ')[1]);
        var job = Scenarios.Idle;
        yield return $"0ms {idle}m";
        for (var i = 0; i < run.Phases.Count; i++)
        {
            if (run.Phases[i].Jobs[guest] == job)
                continue;
            var began = (long)Lead.TotalMilliseconds + trace.Marks[i] - trace.Marks[0];
            var held = job == Scenarios.Idle ? idle : Number(job.Split(' ')[1]);
            job = run.Phases[i].Jobs[guest];
            yield return $"{began}ms {held}m";
            if (job == Scenarios.Idle)
                yield return $"{began + 500}ms {idle}m";
            else
                yield return $"{began + (long)(1000 * FillSeconds(job))}ms {Number(job.Split(' ')[1])}m";
        }
    }

    private TimeSpan At(int phase) => Lead + TimeSpan.FromMilliseconds(trace.Marks[phase] - trace.Marks[0]);

    private IEnumerable<TimelineMoment> Within(int phase) =>
        moments.Where(m => m.At >= At(phase) && m.At < At(phase + 1));
}
