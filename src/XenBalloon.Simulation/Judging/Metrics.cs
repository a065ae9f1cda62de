using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace XenBalloon.Simulation.Judging;

/// <summary>The metrics there are, in the order in which they are shown.</summary>
public static class AllMetrics
{
    /// <summary>Regret against the oracle; it compares policies, so it is worked out from the others' <c>slowdown.mean</c>.</summary>
    public static Metric Regret { get; } = new()
    {
        Name = "regret",
        Unit = MetricUnit.Ratio,
        Summary = "(slowdown.mean - oracle's) / (static's - oracle's): 0 as good as the oracle, 1 as bad as doing nothing",
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<Metric> All { get; } = [.. HarmMetrics.All, .. MemoryMetrics.All, .. SpeedMetrics.All, .. EstimateMetrics.All, .. OrderMetrics.All, Regret];

    /// <summary>A metric that is known to be there.</summary>
    /// <param name="name">Its name.</param>
    public static Metric Named(string name) => All.First(metric => metric.Name == name);

    /// <summary>Finds a metric.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="error">What is wrong with the name, and which ones there are; null when it was found.</param>
    public static bool TryGet(string name, [NotNullWhen(true)] out Metric? metric, [NotNullWhen(false)] out string? error)
    {
        metric = All.FirstOrDefault(candidate => candidate.Name == name);
        error = metric is null ? $"there is no metric '{name}': choose one of {string.Join(", ", All.Select(known => known.Name))}" : null;
        return metric is not null;
    }
}

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

/// <summary>How evenly guests got what they were entitled to.</summary>
public static class Fairness
{
    /// <summary>Jain's index, (Σx)² / (n Σx²): 1 when all are alike, 1/n when one has everything (Jain, Chiu, Hawe, DEC-TR-301, 1984).</summary>
    /// <param name="received">What each guest received, as a part of what it was entitled to.</param>
    /// <returns>Null for nobody; 1 when all received nothing, since then all fared alike.</returns>
    public static double? Jain(IReadOnlyList<double> received)
    {
        ArgumentNullException.ThrowIfNull(received);
        if (received.Count == 0) return null;
        double sum = received.Sum();
        return sum == 0 ? 1 : sum * sum / (received.Count * received.Sum(value => value * value));
    }

    /// <summary>What a guest received, as a part of what it was entitled to; null for one that was never there.</summary>
    internal static double? Received(GuestRun guest) => Received(guest.ReceivedKiBSeconds, guest.EntitledKiBSeconds);

    /// <summary>What was received, as a part of what was due; null where nothing was.</summary>
    internal static double? Received(double received, double entitled) => entitled > 0 ? received / entitled : null;
}
