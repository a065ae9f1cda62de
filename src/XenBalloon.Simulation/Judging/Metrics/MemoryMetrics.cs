using System.Collections.Immutable;

namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>What it took, and who had it.</summary>
internal static class MemoryMetrics
{
    private const double KiBPerMiB = 1024;
    private const double KiBSecondsPerGiBMinute = 1024.0 * 1024.0 * 60.0;

    public static ImmutableArray<Metric> All { get; } =
    [
        new()
        {
            Name = "hoarding",
            Unit = MetricUnit.Ratio,
            Summary = "memory that lay idle on the host or in a guest while another lacked it, as a part of all that guests lacked",
            WhenNothing = "guests lacked next to nothing",
            OfHost = run => run.Hoarding.Part,
        },
        new()
        {
            Name = "hoarding.amount",
            Unit = MetricUnit.GiBMinutes,
            Summary = "the same memory, over time",
            Noticeable = 0.05,
            OfHost = run => run.Hoarding.HoardedKiBSeconds / KiBSecondsPerGiBMinute,
        },
        new()
        {
            Name = "shortage",
            Unit = MetricUnit.GiBMinutes,
            Summary = "what guests lacked, over time",
            OfHost = run => run.Hoarding.ShortageKiBSeconds / KiBSecondsPerGiBMinute,
            OfGuest = guest => guest.ShortageKiBSeconds / KiBSecondsPerGiBMinute,
        },
        new()
        {
            Name = "memory.peak",
            Unit = MetricUnit.MiB,
            Summary = "the most that guests held at once",
            OfHost = run => run.Peak.Value / KiBPerMiB,
            OfGuest = guest => guest.Outcome.MostActual.Value / KiBPerMiB,
        },
        new()
        {
            Name = "memory.end",
            Unit = MetricUnit.MiB,
            Summary = "what guests hold at the end",
            Preference = Preference.None,
            OfHost = run => run.Guests.Sum(guest => guest.HeldAtEnd.Value) / KiBPerMiB,
            OfGuest = guest => guest.HeldAtEnd.Value / KiBPerMiB,
        },
        new()
        {
            Name = "swap.end",
            Unit = MetricUnit.MiB,
            Summary = "guests' memory that lies in swap at the end",
            OfHost = run => run.Guests.Sum(guest => guest.Outcome.Swapped.Value) / KiBPerMiB,
            OfGuest = guest => guest.Outcome.Swapped.Value / KiBPerMiB,
        },
        new()
        {
            Name = "received",
            Unit = MetricUnit.Ratio,
            Summary = "what guests had of what they needed, as a part of what they were entitled to",
            Preference = Preference.High,
            OfHost = run => Fairness.Received(run.Guests.Sum(guest => guest.ReceivedKiBSeconds), run.Guests.Sum(guest => guest.EntitledKiBSeconds)),
            OfGuest = guest => Fairness.Received(guest),
        },
        new()
        {
            Name = "fairness",
            Unit = MetricUnit.Ratio,
            Summary = "Jain's index of what each guest received of what it was entitled to: 1 when all fared alike",
            Preference = Preference.High,
            OfHost = run => Fairness.Jain([.. run.Guests.Select(Fairness.Received).OfType<double>()]),
        },
    ];
}
