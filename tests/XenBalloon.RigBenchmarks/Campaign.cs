using System.Diagnostics;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.RigBenchmarks;

/// <summary>All runs on one host, in an order that needs few changes between them.</summary>
internal static class Campaign
{
    /// <summary>Returns the number of failed runs. After a failure the next run follows.</summary>
    public static async Task<int> RunAsync(
        GuestKind kind, IReadOnlyList<Scenario> scenarios, Options options, Results results, Stopwatch watch)
    {
        await using var host = await BenchHost.BootAsync(kind, options);
        Log(watch, kind, "three guests have booted");
        var traces = scenarios.ToDictionary(s => s, _ => new Dictionary<Run, Trace>());
        var failures = 0;
        foreach (var run in InOrder(scenarios, options.Reports))
        {
            try
            {
                var began = watch.Elapsed;
                var trace = await host.RunAsync(run);
                traces[run.Scenario].Add(run, trace);
                results.Replace(
                    kind.ToString(),
                    run.Scenario,
                    new Evaluation(kind.ToString(), traces[run.Scenario]).All());
                results.WriteTimeline(kind.ToString(), run, trace);
                if (run.Mover == Mover.Ours)
                    results.WriteText($"{kind}-{run.Name}.log", await host.DaemonLogAsync());
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

    /// <summary>
    /// First the runs that need an empty host; last those with a swapless guest, which has to be recreated.
    /// </summary>
    private static IEnumerable<Run> InOrder(IEnumerable<Scenario> scenarios, IReadOnlyList<Reports>? reports) =>
        scenarios.SelectMany(s => s.Runs(reports)).OrderBy(r => r.Scenario.Swapless).ThenBy(r => !r.NeedsEmptyHost);

    private static void Log(Stopwatch watch, GuestKind kind, string what) =>
        Console.WriteLine($"{(int)watch.Elapsed.TotalSeconds,5} s  {kind}: {what}");
}

/// <summary>
/// The command line: names of scenarios, kinds of guests and kinds of reports. Default: PV guests, as PVH guests are
/// too slow under emulation (tests/rig/README.md), and the kinds of reports of each scenario.
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
            throw new ArgumentException($"invalid argument '{word}': expected {string.Join(' ', known)}");
        return new Options(
            Named(words, Enum.GetValues<GuestKind>(), k => k.ToString()) ?? [GuestKind.Pv],
            Named(words, RigBenchmarks.Scenarios.All, s => s.Name) ?? RigBenchmarks.Scenarios.All,
            Named(words, Enum.GetValues<Reports>(), r => r.ToString()),
            Variable("BASELINE"),
            Variable("RIG_ICOUNT") ?? DefaultShift);
    }

    /// <summary>
    /// The scenarios of each host. Those with phases of a minute take as long as all others, and each host uses one
    /// CPU, so they run on separate hosts side by side.
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
