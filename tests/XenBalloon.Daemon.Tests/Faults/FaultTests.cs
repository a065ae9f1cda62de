using System.Diagnostics;
using System.Globalization;

namespace XenBalloon.Daemon.Tests.Faults;

/// <summary>
/// Random faults of guests, toolstacks, the host, clients, the disk and the clock, in schedules of a thousand steps.
/// FAULT_SEED=N repeats one schedule; FAULT_STEPS=N changes how many steps are made in all.
/// </summary>
internal sealed class FaultTests
{
    private const int StepsPerSchedule = 1000, DefaultSteps = 20_000, LinesShown = 60;

    /// <summary>Schedules that found a fault. They always run.</summary>
    private static readonly int[] Found = [52, 161, 524, 777];

    /// <summary>Syncing a disk would take longer than all else.</summary>
    private const string MemoryDisk = "/dev/shm";

    [Test]
    public void Every_promise_is_kept_whatever_fails()
    {
        int? only = Number("FAULT_SEED");
        int[] seeds = only is { } seed
            ? [seed]
            : [.. Enumerable.Range(1, (Number("FAULT_STEPS") ?? DefaultSteps) / StepsPerSchedule).Union(Found)];
        long began = Stopwatch.GetTimestamp(), passes = 0, jumps = 0;
        string?[] faults = new string?[seeds.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, seeds.Length, parallel, (schedule, all) =>
        {
            DirectoryInfo directory = Directory.CreateDirectory($"{MemoryDisk}/xenballoon-faults-{Guid.NewGuid()}");
            using var run = new FaultRun(seeds[schedule], StepsPerSchedule, directory);
            faults[schedule] = Fault(run);
            Interlocked.Add(ref passes, run.Passes);
            Interlocked.Add(ref jumps, run.Jumped);
            if (faults[schedule] is not null) all.Break();
        });
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        TestContext.Out.WriteLine(
            $"{seeds.Length * StepsPerSchedule} steps, {passes} passes, {jumps} guests without enough swap killed when "
            + $"their use jumped; {took.TotalSeconds:0} s");
        if (faults.FirstOrDefault(fault => fault is not null) is { } first) Assert.Fail(first);
    }

    /// <summary>Runs a schedule.</summary>
    /// <returns>What went wrong, with all that is needed to repeat it; null for nothing.</returns>
    private static string? Fault(FaultRun run)
    {
        try
        {
            run.Run();
            return null;
        }
        catch (Exception exception)
        {
            string lines = string.Join('\n', run.Trace.TakeLast(LinesShown));
            return $"FAULT_SEED={run.Seed} repeats it: step {run.Step}, after\n{lines}\n{exception}";
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
