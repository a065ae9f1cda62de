using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Runs;

namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>How fast memory came to where it was wanted.</summary>
internal static class SpeedMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        Delivered("delivered.p50", "how long a guest lacked what it was entitled to, each time: the median", 0.5),
        Delivered("delivered.p95", "the 95th percentile of those times", 0.95),
        Delivered("delivered.max", "the longest of those times", 1),
        Seconds("honest.delivered.max", "the longest time that a guest that reports honestly, where others lie, lacked what it needed of its guaranteed share", HonestWait),
        Seconds("settling.mean", "from the first page moved until all balloons have come to rest: mean", run => Mean(run.Settlings) ?? 0),
        Seconds("settling.max", "the longest of those stretches", run => Percentile.Of(run.Settlings, 1)?.TotalSeconds ?? 0),
        new()
        {
            Name = "starts.failed",
            Unit = MetricUnit.Count,
            Summary = "domains that could not be started",
            OfHost = run => run.Report.Host.FailedStarts,
        },
        Seconds("starts.wait", "from the request to start a domain until it was created, or until the end of the run where it never was: mean", run => Mean(run.StartWaits), noticeable: 0.2),
        Seconds("starts.wait.p99", "the 99th percentile of those waits",
            run => Percentile.Of(run.StartWaits, 0.99)?.TotalSeconds),
        Seconds("starts.wait.max", "the longest of those waits", run => Percentile.Of(run.StartWaits, 1)?.TotalSeconds),
    ];

    private static double? Mean(ImmutableArray<TimeSpan> times) => times.IsEmpty ? null : times.Average(time => time.TotalSeconds);

    private static double? HonestWait(RunOutcome run) => run.HonestBesideLiars.Any()
        ? run.HonestBesideLiars.SelectMany(guest => guest.ShareDeliveries).Append(TimeSpan.Zero).Max().TotalSeconds
        : null;

    private static Metric Seconds(string name, string summary, Func<RunOutcome, double?> value,
        double noticeable = 0) => new()
        {
            Name = name,
            Unit = MetricUnit.Seconds,
            Summary = summary,
            Noticeable = noticeable,
            OfHost = value,
        };

    // A guest that never lacked anything was served at once.
    private static Metric Delivered(string name, string summary, double part) => new()
    {
        Name = name,
        Unit = MetricUnit.Seconds,
        Summary = summary,
        OfHost = run => Percentile.Of([.. run.Guests.SelectMany(guest => guest.Deliveries).Order()], part)?.TotalSeconds ?? 0,
        OfGuest = guest => Percentile.Of(guest.Deliveries, part)?.TotalSeconds ?? 0,
    };
}
