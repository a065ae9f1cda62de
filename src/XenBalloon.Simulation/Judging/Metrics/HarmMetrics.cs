using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Runs;

namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>What was done to the guests.</summary>
internal static class HarmMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        new()
        {
            Name = "slowdown.mean",
            Unit = MetricUnit.Ratio,
            Summary = "how much longer work took than without waiting for pages, mean of the 10 s windows of all guests; 1 for none",
            OfHost = run => Mean(AllSlowdowns(run)),
            OfGuest = guest => Mean(guest.Slowdowns),
        },
        new()
        {
            Name = "slowdown.p99",
            Unit = MetricUnit.Ratio,
            Summary = "the 99th percentile of those windows",
            OfHost = run => Percentile.Of([.. AllSlowdowns(run).Order()], 0.99),
            OfGuest = guest => Percentile.Of(guest.Slowdowns, 0.99),
        },
        new()
        {
            Name = "honest.slowdown.p99",
            Unit = MetricUnit.Ratio,
            Summary = "the 99th percentile of the windows of guests that report honestly, where others lie",
            OfHost = run => Percentile.Of([.. run.HonestBesideLiars.SelectMany(guest => guest.Slowdowns).Order()],
                0.99),
        },
        Counted("faults.major", "pages read again: of files, for want of cache, and from swap", guest => guest.Outcome.SwapFaults + guest.Outcome.FileFaults),
        Counted("faults.swapin", "pages read back from swap", guest => guest.Outcome.SwapFaults),
        Counted("oom", "OOM kills and panics", guest => guest.Outcome.OomKills + guest.Outcome.Panics),
        Counted("oom.caused", "OOM kills and panics that would not have come but for a target that the balancer lowered", guest => guest.Outcome.OomKillsByBalancer),
    ];

    private static IEnumerable<double> AllSlowdowns(RunOutcome run) => run.Guests.SelectMany(guest => guest.Slowdowns);

    private static double? Mean(IEnumerable<double> values) => values.Any() ? values.Average() : null;

    private static Metric Counted(string name, string summary, Func<GuestRun, long> count) => new()
    {
        Name = name,
        Unit = MetricUnit.Count,
        Summary = summary,
        OfHost = run => run.Guests.Sum(count),
        OfGuest = guest => count(guest),
    };
}
