using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Runs;

namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>How quietly and how correctly it was done.</summary>
internal static class OrderMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        Hourly("writes", MetricUnit.PerDomainHour, "targets written", guest => guest.Outcome.TargetsWritten),
        Hourly("moved", MetricUnit.MiBPerDomainHour, "memory that balloons moved, either way", guest => guest.Outcome.Moved.Value / 1024.0),
        new()
        {
            Name = "reversals",
            Unit = MetricUnit.Count,
            Summary = "targets that went the other way than the one before",
            OfHost = run => run.Guests.Sum(guest => guest.Outcome.Reversals),
            OfGuest = guest => guest.Outcome.Reversals,
        },
        new()
        {
            Name = "violations",
            Unit = MetricUnit.Count,
            Summary = "promises of memory that was not there, and targets outside what the administrator set",
            OfHost = run => run.Violations,
        },
    ];

    private static Metric Hourly(string name, MetricUnit unit, string summary, Func<GuestRun, double> amount) => new()
    {
        Name = name,
        Unit = unit,
        Summary = summary,
        OfHost = run => PerHour(run.Guests.Sum(amount), run.Guests.Sum(guest => guest.Present.TotalHours)),
        OfGuest = guest => PerHour(amount(guest), guest.Present.TotalHours),
    };

    private static double? PerHour(double amount, double hours) => hours > 0 ? amount / hours : null;
}
