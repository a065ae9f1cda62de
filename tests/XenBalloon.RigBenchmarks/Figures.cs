using System.Globalization;
using System.Text;
using XenBalloon.Simulation.Files;

namespace XenBalloon.RigBenchmarks;

/// <summary>
/// The results of a phase of a run. Null: not measured, or it never happened.
/// </summary>
internal sealed record Figures
{
    public required string Kind { get; init; }

    public required string Scenario { get; init; }

    public required string Mover { get; init; }

    public required string Reports { get; init; }

    /// <summary>From 1.</summary>
    public required int Phase { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Operations of the hot guests.</summary>
    public required double Work { get; init; }

    /// <summary>In percent of the work of the ceiling run, in the whole phase.</summary>
    public double? OfCeiling { get; init; }

    /// <summary>The same from the second report on.</summary>
    public double? OfCeilingLater { get; init; }

    /// <summary>In percent of the work of the run with targets written by hand.</summary>
    public double? OfByHand { get; init; }

    /// <summary>In percent of the work of the run without balancing.</summary>
    public double? OfStatic { get; init; }

    /// <summary>Seconds from the need to the hot guest's next report.</summary>
    public double? FirstReport { get; init; }

    /// <summary>Seconds from the need to the first target that was written.</summary>
    public double? FirstTarget { get; init; }

    /// <summary>
    /// Seconds until the hot guests had got 90 % of what they lacked, from the moment at which they needed more than
    /// they held.
    /// </summary>
    public double? Delivered { get; init; }

    /// <summary>The same time in the run with targets written by hand.</summary>
    public double? DeliveredByHand { get; init; }

    /// <summary>The lowest MemAvailable of a hot guest, MiB.</summary>
    public required long LeastAvailableMiB { get; init; }

    /// <summary>The part of the hot guests' shortage that was idle elsewhere or free, in percent, over time.</summary>
    public double? Hoarded { get; init; }

    /// <summary>The shortage of the hot guests, MiB times seconds.</summary>
    public double? ShortMiBSeconds { get; init; }

    /// <summary>The mean memory of a hot guest in the phase, MiB.</summary>
    public required double HeldMiB { get; init; }

    /// <summary>
    /// <see cref="OfCeiling"/> in the simulator, from when the memory is filled; null if it cannot simulate the run.
    /// </summary>
    public double? SimulatedOfCeiling { get; init; }

    /// <summary><see cref="HeldMiB"/> in the simulator.</summary>
    public double? SimulatedHeldMiB { get; init; }

    public required long HotSwapIns { get; init; }

    public required long HotSwapOuts { get; init; }

    public required long OtherSwapIns { get; init; }

    public required long OtherSwapOuts { get; init; }

    public required long OomKills { get; init; }

    public required int Deaths { get; init; }

    public required double DaemonSeconds { get; init; }

    /// <summary>Seconds until the new domain was created.</summary>
    public double? Started { get; init; }

    /// <summary>Identifies the phase, to compare results.</summary>
    public string Key => $"{Kind} {Scenario} {Mover} {Reports} {Phase}";
}

/// <summary>Prints figures as a table, with those of earlier results if given.</summary>
internal static class Table
{
    private const string Legend = """
        work     operations of the hot guests in the phase, in thousands
        %ceil    percent of the work with all the memory that they can use
        later    the same from the second report on: after 3 s, with minute reports 62 s
        %hand    percent of the work with targets written by hand at the moment of need
        %static  percent of the work without balancing
        report   s from the need to the next report; target: to the first target written for any guest
        90%      s until they had got 90 % of what they lacked, from when they needed more than they held; by hand:
                 the same in the run with targets written by hand
        least    lowest MemAvailable of a hot guest, MiB
        short    their shortage, MiB times s; idle%: the part of it that was free or idle in other guests
        in, out  pages that they swapped; others: pages of the other guests
        held     mean memory of a hot guest, MiB
        sim      %ceil, from when memory is filled, and held in the simulator, where dom0 and balloons use no CPU time
        cpu      CPU time of the daemon, s; start: s until the new domain was created
        """;

    private static readonly (string Head, int Width, Func<Figures, string> Cell)[] Columns =
    [
        ("", -15, f => $"{f.Kind} {f.Scenario}"), ("", -15, Who), ("", 2, f => $"{f.Phase}"),
        ("work", 7, f => Number(f.Work / 1000, 0)),
        ("%ceil", 7, f => Number(f.OfCeiling, 1)), ("later", 7, f => Number(f.OfCeilingLater, 1)),
        ("%hand", 7, f => Number(f.OfByHand, 1)), ("%static", 9, f => Number(f.OfStatic, 0)),
        ("report", 8, f => Number(f.FirstReport, 2)), ("target", 8, f => Number(f.FirstTarget, 2)),
        ("90%", 6, f => Number(f.Delivered, 1)), ("by hand", 8, f => Number(f.DeliveredByHand, 1)),
        ("least", 6, f => $"{f.LeastAvailableMiB}"),
        ("short", 7, f => Number(f.ShortMiBSeconds, 0)), ("idle%", 6, f => Number(f.Hoarded, 0)),
        ("held", 6, f => Number(f.HeldMiB, 0)),
        ("sim %ceil", 11, f => Number(f.SimulatedOfCeiling, 1)), ("held", 6, f => Number(f.SimulatedHeldMiB, 0)),
        ("in", 7, f => $"{f.HotSwapIns}"), ("out", 7, f => $"{f.HotSwapOuts}"),
        ("others", 12, f => $"{f.OtherSwapIns}/{f.OtherSwapOuts}"),
        ("oom", 4, f => $"{f.OomKills}"), ("dead", 5, f => $"{f.Deaths}"),
        ("cpu", 6, f => Number(f.DaemonSeconds, 2)), ("start", 6, f => Number(f.Started, 1)),
    ];

    private static readonly (string Head, int Width, Func<Figures, string> Cell)[] Before =
    [
        ("before: %ceil", 16, f => Number(f.OfCeiling, 1)), ("later", 7, f => Number(f.OfCeilingLater, 1)),
        ("90%", 6, f => Number(f.Delivered, 1)), ("idle%", 6, f => Number(f.Hoarded, 0)),
        ("in", 7, f => $"{f.HotSwapIns}"), ("cpu", 6, f => Number(f.DaemonSeconds, 2)),
    ];

    public static string Of(IReadOnlyList<Figures> figures, IReadOnlyList<Figures>? before)
    {
        var scenarios = BuiltInScenarios.All.Select(s => s.Name).ToList();
        var text = new StringBuilder(Legend).Append("\n\n");
        foreach (var (head, width, _) in before is null ? Columns : [.. Columns, .. Before])
            text.Append(Padded(head, width));
        text.Append('\n');
        foreach (var f in figures.OrderBy(f => f.Kind).ThenBy(f => scenarios.IndexOf(f.Scenario)))
        {
            foreach (var (_, width, cell) in Columns)
                text.Append(Padded(cell(f), width));
            if (before?.FirstOrDefault(b => b.Key == f.Key) is { } earlier)
                foreach (var (_, width, cell) in Before)
                    text.Append(Padded(cell(earlier), width));
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Who(Figures f) => f.Mover switch
    {
        nameof(Mover.Ours) => $"ours, {f.Reports.ToLowerInvariant()}",
        nameof(Mover.Static) => "static",
        nameof(Mover.ByHand) => "by hand",
        _ => "ceiling",
    };

    private static string Padded(string text, int width) => width < 0 ? text.PadRight(-width) : text.PadLeft(width);

    private static string Number(double? value, int digits) =>
        value?.ToString($"F{digits}", CultureInfo.InvariantCulture) ?? "-";
}
