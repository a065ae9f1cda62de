using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace XenBalloon.Simulation.Judging;

/// <summary>All metrics, in display order.</summary>
internal static class MetricCatalog
{
    /// <summary>Regret against the oracle. It compares policies by their <c>slowdown.mean</c>.</summary>
    public static Metric Regret { get; } = new()
    {
        Name = "regret",
        Unit = MetricUnit.Ratio,
        Summary = "(slowdown.mean - oracle's) / (static's - oracle's): 0 is as good as the oracle, 1 as bad as static",
    };

    /// <summary>All metrics.</summary>
    public static ImmutableArray<Metric> All { get; } = [
        .. PerformanceMetrics.All, .. MemoryMetrics.All, .. SpeedMetrics.All, .. EstimateMetrics.All,
        .. MovementMetrics.All, Regret];

    /// <summary>The metric of this name, which exists.</summary>
    /// <param name="name">The name.</param>
    public static Metric Named(string name) => All.First(metric => metric.Name == name);

    /// <summary>Finds a metric by name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="error">The error, with the valid names; null if found.</param>
    public static bool TryGet(
        string name, [NotNullWhen(true)] out Metric? metric, [NotNullWhen(false)] out string? error)
    {
        metric = All.FirstOrDefault(candidate => candidate.Name == name);
        error = metric is null
            ? $"unknown metric '{name}': expected one of {string.Join(", ", All.Select(known => known.Name))}"
            : null;
        return metric is not null;
    }
}

/// <summary>How guests performed.</summary>
internal static class PerformanceMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        new()
        {
            Name = "slowdown.mean",
            Unit = MetricUnit.Ratio,
            Summary = "factor by which waiting for pages slowed work down: mean of all guests' 10 s windows; 1 is none",
            OfHost = run => Mean(AllSlowdowns(run)),
            OfGuest = guest => Mean(guest.Slowdowns),
        },
        new()
        {
            Name = "slowdown.p99",
            Unit = MetricUnit.Ratio,
            Summary = "99th percentile of the slowdown in these windows",
            OfHost = run => Percentile.Of([.. AllSlowdowns(run).Order()], 0.99),
            OfGuest = guest => Percentile.Of(guest.Slowdowns, 0.99),
        },
        new()
        {
            Name = "honest.slowdown.p99",
            Unit = MetricUnit.Ratio,
            Summary = "slowdown.p99 of the guests that report honestly while others do not",
            OfHost = run => Percentile.Of([.. run.HonestBesideLiars.SelectMany(guest => guest.Slowdowns).Order()],
                0.99),
        },
        Counted(
            "faults.major", "pages read again for lack of memory: from files and from swap",
            guest => guest.Outcome.SwapFaults + guest.Outcome.FileFaults),
        Counted("faults.swapin", "pages read back from swap", guest => guest.Outcome.SwapFaults),
        Counted("oom", "OOM kills and panics", guest => guest.Outcome.OomKills + guest.Outcome.Panics),
        Counted(
            "oom.caused", "OOM kills and panics caused by a target that the balancer lowered",
            guest => guest.Outcome.OomKillsByBalancer),
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

/// <summary>How memory was used.</summary>
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
            Summary = "fraction of the shortage for which as much memory was idle on the host or in other guests",
            ReasonWhenUnmeasured = "almost no shortage",
            OfHost = run => run.Hoarding.Fraction,
        },
        new()
        {
            Name = "hoarding.amount",
            Unit = MetricUnit.GiBMinutes,
            Summary = "shortage for which as much memory was idle elsewhere, over time",
            Noticeable = 0.05,
            OfHost = run => run.Hoarding.HoardedKiBSeconds / KiBSecondsPerGiBMinute,
        },
        new()
        {
            Name = "shortage",
            Unit = MetricUnit.GiBMinutes,
            Summary = "shortage of the guests, over time",
            OfHost = run => run.Hoarding.ShortageKiBSeconds / KiBSecondsPerGiBMinute,
            OfGuest = guest => guest.ShortageKiBSeconds / KiBSecondsPerGiBMinute,
        },
        new()
        {
            Name = "memory.peak",
            Unit = MetricUnit.MiB,
            Summary = "the most memory that guests held at one time",
            OfHost = run => run.Peak.Value / KiBPerMiB,
            OfGuest = guest => guest.Outcome.MostActual.Value / KiBPerMiB,
        },
        new()
        {
            Name = "memory.end",
            Unit = MetricUnit.MiB,
            Summary = "memory that guests hold at the end",
            Preference = Preference.None,
            OfHost = run => run.Guests.Sum(guest => guest.HeldAtEnd.Value) / KiBPerMiB,
            OfGuest = guest => guest.HeldAtEnd.Value / KiBPerMiB,
        },
        new()
        {
            Name = "swap.end",
            Unit = MetricUnit.MiB,
            Summary = "memory of guests in swap at the end",
            OfHost = run => run.Guests.Sum(guest => guest.Outcome.Swapped.Value) / KiBPerMiB,
            OfGuest = guest => guest.Outcome.Swapped.Value / KiBPerMiB,
        },
        new()
        {
            Name = "received",
            Unit = MetricUnit.Ratio,
            Summary = "needed memory that guests had, as a fraction of their entitlement",
            Preference = Preference.High,
            OfHost = run => Fairness.Received(
                run.Guests.Sum(guest => guest.ReceivedKiBSeconds), run.Guests.Sum(guest => guest.EntitledKiBSeconds)),
            OfGuest = guest => Fairness.Received(guest),
        },
        new()
        {
            Name = "fairness",
            Unit = MetricUnit.Ratio,
            Summary = "Jain's index of received over all guests: 1 if all are equal",
            Preference = Preference.High,
            OfHost = run => Fairness.Jain([.. run.Guests.Select(Fairness.Received).OfType<double>()]),
        },
    ];
}

/// <summary>How fast memory moved.</summary>
internal static class SpeedMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        Delivered("delivered.p50", "how long a guest had less than its entitlement, each time: median", 0.5),
        Delivered("delivered.p95", "95th percentile of these times", 0.95),
        Delivered("delivered.max", "longest of these times", 1),
        Seconds(
            "honest.delivered.max",
            "longest time that a guest with correct reports lacked needed memory of its guaranteed share "
            + "while other guests reported falsely",
            HonestWait),
        Seconds(
            "settling.mean", "from the first page moved until all balloons rest: mean",
            run => Mean(run.Settlings) ?? 0),
        Seconds("settling.max", "longest of these times", run => Percentile.Of(run.Settlings, 1)?.TotalSeconds ?? 0),
        new()
        {
            Name = "starts.failed",
            Unit = MetricUnit.Count,
            Summary = "starts that failed",
            OfHost = run => run.Report.Host.FailedStarts,
        },
        Seconds(
            "starts.wait",
            "from the request of a start until the domain was created, else until the end of the run: mean",
            run => Mean(run.StartWaits), noticeable: 0.2),
        Seconds("starts.wait.p99", "99th percentile of these waits",
            run => Percentile.Of(run.StartWaits, 0.99)?.TotalSeconds),
        Seconds("starts.wait.max", "longest of these waits", run => Percentile.Of(run.StartWaits, 1)?.TotalSeconds),
    ];

    private static double? Mean(ImmutableArray<TimeSpan> times) =>
        times.IsEmpty ? null : times.Average(time => time.TotalSeconds);

    private static double? HonestWait(RunOutcome run) => run.HonestBesideLiars.Any()
        ? run.HonestBesideLiars.SelectMany(guest => guest.ShareDeliveries).Append(TimeSpan.Zero).Max().TotalSeconds
        : null;

    private static Metric Seconds(
        string name, string summary, Func<RunOutcome, double?> value, double noticeable = 0) => new()
        {
            Name = name,
            Unit = MetricUnit.Seconds,
            Summary = summary,
            Noticeable = noticeable,
            OfHost = value,
        };

    // A guest without any shortage had no delay.
    private static Metric Delivered(string name, string summary, double fraction) => new()
    {
        Name = name,
        Unit = MetricUnit.Seconds,
        Summary = summary,
        OfHost =
            run => Percentile.Of([.. run.Guests.SelectMany(guest => guest.Deliveries).Order()], fraction)?.TotalSeconds
            ?? 0,
        OfGuest = guest => Percentile.Of(guest.Deliveries, fraction)?.TotalSeconds ?? 0,
    };
}

/// <summary>How well a policy estimated working sets; unknown for policies that estimate nothing.</summary>
internal static class EstimateMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        new()
        {
            Name = "estimate.error",
            Unit = MetricUnit.Ratio,
            Summary = "relative error of the policy's working-set estimate, mean over time and guests",
            OfHost = run => Error(run.Guests.Select(guest => guest.EstimateAccuracy)),
            OfGuest = guest => Error([guest.EstimateAccuracy]),
        },

        // Relative to the rises of the need, which are the same for all policies. Relative to the number of lags, a
        // policy that lags often would seem to lag less.
        new()
        {
            Name = "estimate.lag",
            Unit = MetricUnit.Seconds,
            Summary =
                "how long guests needed over 10 % more than that estimate, for each rise of their need by over 10 %",
            OfHost = run => Lag(run.Guests.Select(guest => guest.EstimateAccuracy)),
            OfGuest = guest => Lag([guest.EstimateAccuracy]),
        },
    ];

    private static double? Error(IEnumerable<EstimateAccuracy> guests) =>
        Ratio(guests.Sum(guest => guest.ErrorSeconds), guests.Sum(guest => guest.Known.TotalSeconds));

    private static double? Lag(IEnumerable<EstimateAccuracy> guests) =>
        Ratio(guests.Sum(guest => guest.Behind.TotalSeconds), guests.Sum(guest => guest.Rises));

    private static double? Ratio(double sum, double count) => count > 0 ? sum / count : null;
}

/// <summary>How often memory moved, and whether correctly.</summary>
internal static class MovementMetrics
{
    public static ImmutableArray<Metric> All { get; } =
    [
        Hourly("writes", MetricUnit.PerDomainHour, "targets written", guest => guest.Outcome.TargetsWritten),
        Hourly(
            "moved", MetricUnit.MiBPerDomainHour, "memory moved by balloons, in both directions",
            guest => guest.Outcome.Moved.Value / 1024.0),
        new()
        {
            Name = "reversals",
            Unit = MetricUnit.Count,
            Summary = "targets that reversed the direction of the previous target",
            OfHost = run => run.Guests.Sum(guest => guest.Outcome.Reversals),
            OfGuest = guest => guest.Outcome.Reversals,
        },
        new()
        {
            Name = "violations",
            Unit = MetricUnit.Count,
            Summary = "memory promised but not available, and targets outside the administrator's range",
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

/// <summary>How evenly guests got what they were entitled to.</summary>
internal static class Fairness
{
    /// <summary>
    /// Jain's index, (Σx)² / (n Σx²): 1 if all values are equal, 1/n if one guest has everything (Jain, Chiu, Hawe,
    /// DEC-TR-301, 1984).
    /// </summary>
    /// <param name="received">What each guest received, as a fraction of its entitlement.</param>
    /// <returns>Null without guests; 1 if all received nothing, since they are equal.</returns>
    public static double? Jain(IReadOnlyList<double> received)
    {
        if (received.Count == 0) return null;
        double sum = received.Sum();
        return sum == 0 ? 1 : sum * sum / (received.Count * received.Sum(value => value * value));
    }

    /// <summary>What a guest received, as a fraction of its entitlement; null if it never existed.</summary>
    internal static double? Received(GuestRun guest) => Received(guest.ReceivedKiBSeconds, guest.EntitledKiBSeconds);

    /// <summary>The received fraction of an entitlement; null if there was none.</summary>
    internal static double? Received(double received, double entitled) => entitled > 0 ? received / entitled : null;
}
