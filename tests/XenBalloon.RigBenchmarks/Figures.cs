using System.Globalization;
using System.Text;

namespace XenBalloon.RigBenchmarks;

/// <summary>
/// What a phase of a run came to. Null is what cannot be said: no ceiling was measured, it never came.
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

    /// <summary>In percent of what is done where memory lacks nowhere, in the whole phase.</summary>
    public double? OfCeiling { get; init; }

    /// <summary>Likewise from the second report on.</summary>
    public double? OfCeilingLater { get; init; }

    /// <summary>In percent of what is done where one who knows what will be needed writes targets at once.</summary>
    public double? OfByHand { get; init; }

    /// <summary>In percent of what is done where nobody moves memory.</summary>
    public double? OfStatic { get; init; }

    /// <summary>Seconds from the need to the hot guest's next report.</summary>
    public double? FirstReport { get; init; }

    /// <summary>Seconds from the need to the first target that was written.</summary>
    public double? FirstTarget { get; init; }

    /// <summary>
    /// Seconds until the hot guests held nine tenths of what they lacked, from the moment at which they would have used
    /// more than they held.
    /// </summary>
    public double? Delivered { get; init; }

    /// <summary>The same way where one who knows what will be needed writes targets at once, from that moment.</summary>
    public double? DeliveredByHand { get; init; }

    /// <summary>The least that a hot guest's kernel called available, MiB.</summary>
    public required long LeastAvailableMiB { get; init; }

    /// <summary>How much of what the hot guests lacked lay idle elsewhere or was free, in percent; by time.</summary>
    public double? Hoarded { get; init; }

    /// <summary>What the hot guests lacked, MiB times seconds.</summary>
    public double? ShortMiBSeconds { get; init; }

    /// <summary>What a hot guest held, MiB: the mean over the phase.</summary>
    public required double HeldMiB { get; init; }

    /// <summary>
    /// What the simulator says of <see cref="OfCeiling"/>, from when the memory is filled; null where it has nothing
    /// like it.
    /// </summary>
    public double? SimulatedOfCeiling { get; init; }

    /// <summary><see cref="HeldMiB"/> as the simulator has it.</summary>
    public double? SimulatedHeldMiB { get; init; }

    public required long HotSwapIns { get; init; }

    public required long HotSwapOuts { get; init; }

    public required long OtherSwapIns { get; init; }

    public required long OtherSwapOuts { get; init; }

    public required long OomKills { get; init; }

    public required int Deaths { get; init; }

    public required double DaemonSeconds { get; init; }

    /// <summary>Seconds until the domain was there that was to be started.</summary>
    public double? Started { get; init; }

    /// <summary>The same phase in two results.</summary>
    public string Key => $"{Kind} {Scenario} {Mover} {Reports} {Phase}";
}

/// <summary>Figures for people; beside those of an earlier go, where there are such.</summary>
internal static class Table
{
    private const string Legend = """
        work     operations of the hot guests in the phase, in thousands
        %ceil    of what they do with all the memory that they can use
        later    likewise from the second report on: after 3 s, with minute reports 62 s
        %hand    of what they do where one who knows what will be needed writes targets at the moment of need
        %static  of what they do where nobody moves memory
        report   s from the need to the next report; target: to the first target that is written, whosever it is
        90%      s until they held nine tenths of what they lacked, from when they would have used more than they
                 held; by hand: the same way of that balloon, from when it was sent
        least    MiB available in the hot guest when that was least
        short    what they lacked, MiB times s; idle%: how much of that was free or lay idle in neighbours
        in, out  pages that they swapped; others: that the others did
        held     MiB that a hot guest held, in the mean
        sim      %ceil, from when memory is filled, and held in the simulator, where dom0 and balloons cost no time
        cpu      the daemon's, s; start: s until the new domain was there
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
        var scenarios = Scenarios.All.Select(s => s.Name).ToList();
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
