using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Runs;

namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>How well a policy knew what guests use; nothing is known of policies that estimate nothing.</summary>
internal static class EstimateMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        new()
        {
            Name = "estimate.error",
            Unit = MetricUnit.Ratio,
            Summary = "how far the policy's estimate of what guests use was from what they needed, as a part of that, mean over time and guests",
            OfHost = run => Error(run.Guests.Select(guest => guest.Tracking)),
            OfGuest = guest => Error([guest.Tracking]),
        },

        // By the rises of the need, which are the same for all policies: by the stretches of lagging, who lags often would seem to lag less.
        new()
        {
            Name = "estimate.lag",
            Unit = MetricUnit.Seconds,
            Summary = "for how long guests needed over 10 % more than that estimate, for each time that their need rose by over 10 %",
            OfHost = run => Lag(run.Guests.Select(guest => guest.Tracking)),
            OfGuest = guest => Lag([guest.Tracking]),
        },
    ];

    private static double? Error(IEnumerable<Tracking> guests) => Each(guests.Sum(guest => guest.ErrorSeconds), guests.Sum(guest => guest.Known.TotalSeconds));

    private static double? Lag(IEnumerable<Tracking> guests) => Each(guests.Sum(guest => guest.Behind.TotalSeconds), guests.Sum(guest => guest.Rises));

    private static double? Each(double sum, double count) => count > 0 ? sum / count : null;
}
