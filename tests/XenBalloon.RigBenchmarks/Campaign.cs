using System.Diagnostics;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>All runs on one host, in an order in which little has to be moved between them.</summary>
internal static class Campaign
{
    /// <summary>Gives how many runs failed. One that does costs itself only, if the host is still there.</summary>
    public static async Task<int> GoAsync(
        GuestKind kind, IReadOnlyList<Scenario> scenarios, Options options, Results results, Stopwatch watch)
    {
        var host = await BenchHost.BootAsync(kind, options).ConfigureAwait(false);
        await using var _ = host.ConfigureAwait(false);
        Say(watch, kind, "three guests have booted");
        var traces = scenarios.ToDictionary(s => s, _ => new Dictionary<Run, Trace>());
        var failures = 0;
        foreach (var run in InOrder(scenarios, options.Reports))
        {
            try
            {
                var began = watch.Elapsed;
                var trace = await host.GoThroughAsync(run).ConfigureAwait(false);
                traces[run.Scenario].Add(run, trace);
                results.Take(kind.ToString(), run.Scenario, new Judge(kind.ToString(), traces[run.Scenario]).All());
                results.WriteTimeline(kind.ToString(), run, trace);
                if (run.Mover == Mover.Ours)
                    results.WriteText($"{kind}-{run.Name}.log", await host.DaemonLogAsync().ConfigureAwait(false));
                Say(watch, kind, $"{run.Name} took {(int)(watch.Elapsed - began).TotalSeconds} s");
            }
            catch (RigException e)
            {
                failures++;
                Say(watch, kind, e.Message);
            }
        }
        return failures;
    }

    /// <summary>What needs an empty host first; the swapless guest, which has to be made anew, last.</summary>
    private static IEnumerable<Run> InOrder(IEnumerable<Scenario> scenarios, IReadOnlyList<Reports>? reports) =>
        scenarios.SelectMany(s => s.Runs(reports)).OrderBy(r => r.Scenario.Swapless).ThenBy(r => !r.Roomy);

    private static void Say(Stopwatch watch, GuestKind kind, string what) =>
        Console.WriteLine($"{(int)watch.Elapsed.TotalSeconds,5} s  {kind}: {what}");
}
