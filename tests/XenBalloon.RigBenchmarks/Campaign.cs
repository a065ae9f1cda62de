using System.Diagnostics;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>All runs on item host, in an order in which little has to be moved between them.</summary>
internal static class Campaign
{
    /// <summary>Gives how many runs failed. One that does costs itself only, if the host is still there.</summary>
    public static async Task<int> RunAsync(
        GuestKind kind, IReadOnlyList<Scenario> scenarios, Options options, Results results, Stopwatch watch)
    {
        var host = await BenchHost.BootAsync(kind, options).ConfigureAwait(false);
        await using var _ = host.ConfigureAwait(false);
        Log(watch, kind, "three guests have booted");
        var traces = scenarios.ToDictionary(s => s, _ => new Dictionary<Run, Trace>());
        var failures = 0;
        foreach (var run in InOrder(scenarios, options.Reports))
        {
            try
            {
                var began = watch.Elapsed;
                var trace = await host.RunAsync(run).ConfigureAwait(false);
                traces[run.Scenario].Add(run, trace);
                results.Replace(kind.ToString(), run.Scenario, new Evaluation(kind.ToString(), traces[run.Scenario]).All());
                results.WriteTimeline(kind.ToString(), run, trace);
                if (run.Mover == Mover.Ours)
                    results.WriteText($"{kind}-{run.Name}.log", await host.DaemonLogAsync().ConfigureAwait(false));
                Log(watch, kind, $"{run.Name} took {(int)(watch.Elapsed - began).TotalSeconds} s");
            }
            catch (RigException e)
            {
                failures++;
                Log(watch, kind, e.Message);
            }
        }
        return failures;
    }

    /// <summary>What needs an empty host first; the swapless guest, which has to be made anew, last.</summary>
    private static IEnumerable<Run> InOrder(IEnumerable<Scenario> scenarios, IReadOnlyList<Reports>? reports) =>
        scenarios.SelectMany(s => s.Runs(reports)).OrderBy(r => r.Scenario.Swapless).ThenBy(r => !r.NeedsEmptyHost);

    private static void Log(Stopwatch watch, GuestKind kind, string what) =>
        Console.WriteLine($"{(int)watch.Elapsed.TotalSeconds,5} s  {kind}: {what}");
}

/// <summary>
/// What is asked for: words name scenarios, kinds of guests, ways to report. Where no kind is named it is PV, for PVH
/// guests are too slow under emulation (tests/rig/README.md); where no way to report is, those of each scenario.
/// </summary>
internal sealed record Options(
    IReadOnlyList<GuestKind> Kinds, IReadOnlyList<Scenario> Scenarios, IReadOnlyList<Reports>? Reports,
    string? Baseline, string InstructionShift)
{
    // 8 ns an instruction: see tests/rig/README.md.
    private const string DefaultShift = "3";

    public static Options Parse(IReadOnlyList<string> words)
    {
        var kinds = Enum.GetNames<GuestKind>();
        string[] known = [.. kinds, .. Enum.GetNames<Reports>(), .. RigBenchmarks.Scenarios.All.Select(s => s.Name)];
        foreach (var word in words.Where(w => !known.Contains(w, StringComparer.OrdinalIgnoreCase)))
            throw new ArgumentException($"'{word}' is none of: {string.Join(' ', known)}");
        return new Options(
            Named(words, Enum.GetValues<GuestKind>(), k => k.ToString()) ?? [GuestKind.Pv],
            Named(words, RigBenchmarks.Scenarios.All, s => s.Name) ?? RigBenchmarks.Scenarios.All,
            Named(words, Enum.GetValues<Reports>(), r => r.ToString()),
            Variable("BASELINE"),
            Variable("RIG_ICOUNT") ?? DefaultShift);
    }

    /// <summary>
    /// What is gone through on each host. The scenarios whose turns are a minute long take as long as all the others, and
    /// hosts run side by side: none can be faster than item of our CPUs.
    /// </summary>
    public IEnumerable<(GuestKind Kind, IReadOnlyList<Scenario> Scenarios)> Hosts =>
        from kind in Kinds
        from part in Scenarios.GroupBy(scenario => scenario.Phases[0].Seconds >= 60)
        select (kind, (IReadOnlyList<Scenario>)[.. part]);

    private static List<T>? Named<T>(IReadOnlyList<string> words, IReadOnlyList<T> all, Func<T, string> name)
    {
        var named = all.Where(item => words.Contains(name(item), StringComparer.OrdinalIgnoreCase)).ToList();
        return named.Count == 0 ? null : named;
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
