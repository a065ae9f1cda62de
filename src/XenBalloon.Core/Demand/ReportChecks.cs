using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>Follows how often a guest reports, and decides after which silence its last report is stale.</summary>
internal sealed class ReportTiming
{
    /// <summary>A guest that reports no more often may have changed much since its last report.</summary>
    internal static readonly TimeSpan RareInterval = TimeSpan.FromSeconds(10);

    /// <summary>Over a longer interval, reports do not show how fast a guest grows.</summary>
    internal static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(3);

    /// <summary>Our agents report at least this often, unless configured otherwise.</summary>
    internal static readonly TimeSpan AgentHeartbeat = TimeSpan.FromMinutes(1);

    /// <summary>Reports at shorter intervals bring no faster help: other domains have to give first.</summary>
    private static readonly TimeSpan ShortestUnreportedTime = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A guest has fallen silent after this many missed reports, at its longest recent interval, but not before the
    /// shortest timeout.
    /// </summary>
    private const int MissedReports = 3;

    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan ShortestAgentTimeout = AgentHeartbeat * 2.5;

    /// <summary>
    /// How fast a long interval is forgotten: agents report often during changes and rarely otherwise.
    /// </summary>
    private const double LongestDecay = 0.01;

    private TimeSpan? last;
    private TimeSpan longest;

    /// <summary>The time between the last two reports; null before the second.</summary>
    internal TimeSpan? Interval { get; private set; }

    /// <summary>How long changes in the guest stay unseen.</summary>
    internal TimeSpan UnreportedTime =>
        Interval is { } known && known <= LongestInterval && known >= ShortestUnreportedTime
            ? known
            : ShortestUnreportedTime;

    /// <summary>Reads the time of a new report.</summary>
    internal void Read(TimeSpan at)
    {
        Interval = at - last;
        last = at;
        if (Interval is not { } interval) return;
        longest = interval > longest ? interval : longest - ((longest - interval) * LongestDecay);
    }

    /// <summary>The time from the last report to now or to the next expected report.</summary>
    internal TimeSpan Silence(TimeSpan now)
    {
        TimeSpan age = now - (last ?? now);
        return Interval > age ? Interval.Value : age;
    }

    /// <summary>
    /// Whether the guest reports so rarely that much may have changed since the last report. Our agent is silent only
    /// while nothing changes.
    /// </summary>
    internal bool IsRare(ReportSource source, TimeSpan now) =>
        source != ReportSource.Agent && (Interval ?? (now - (last ?? now))) >= RareInterval;

    /// <summary>
    /// The age at which the last report becomes stale. A guest that reported every second and then not for a minute
    /// has failed or is gone, unless our agent reports, which does so only on changes. A guest whose agent reports
    /// every two minutes has more time.
    /// </summary>
    /// <param name="source">What wrote the reports.</param>
    /// <param name="most">The operator's limit.</param>
    internal TimeSpan Timeout(ReportSource? source, TimeSpan most)
    {
        TimeSpan missed = longest * MissedReports;
        TimeSpan shortest = source == ReportSource.Agent ? ShortestAgentTimeout : ShortestTimeout;
        if (longest == TimeSpan.Zero || missed > most) return most;
        return missed > shortest ? missed : most < shortest ? most : shortest;
    }

    /// <summary>
    /// Resets after a reboot: the next report counts as the first. The longest interval is kept, because the agent is
    /// the same.
    /// </summary>
    internal void Reset() => (last, Interval) = (null, null);
}

/// <summary>
/// Whether a kernel could have written a report. An impossible report shows neither that the guest needs memory nor
/// that it has some to spare. A possible report is believed, true or not, within the guest's own bounds.
/// </summary>
internal static class Plausibility
{
    /// <summary>1 PiB: no swap is larger, and sums of such numbers are far from overflowing.</summary>
    private static readonly KiB LargestSwap = new(1L << 40);

    /// <summary>Whether a guest of this size can have these numbers.</summary>
    /// <param name="report">The guest's report.</param>
    /// <param name="domain">The domain by the hypervisor and xenstore.</param>
    internal static bool Holds(GuestReport report, DomainSnapshot domain)
    {
        // MemTotal is below the hypervisor's count, and both change while a report is on its way. So the only certain
        // limit is the most that the guest can ever have.
        KiB most = KiB.Max(domain.Actual, domain.StaticMax ?? domain.MaxMem);
        if (report.Used < KiB.Zero || report.Used > (report.Total ?? most)) return false;
        if (report.Total > most || report.Total <= KiB.Zero) return false;
        return report.Vitals is not { } vitals || Holds(vitals, report.Total ?? most);
    }

    private static bool Holds(GuestVitals vitals, KiB total) =>
        IsAmount(vitals.Free, total)
        && IsAmount(vitals.Anonymous, total)
        && IsAmount(vitals.FileCache, total)
        && IsAmount(vitals.Shared, total)
        && IsAmount(vitals.SwapUsed, vitals.SwapTotal ?? LargestSwap)
        && IsAmount(vitals.SwapTotal, LargestSwap)
        && IsFraction(vitals.MemorySome)
        && IsFraction(vitals.IoSome)
        && !(vitals.SwapIns < 0)
        && !(vitals.OomKills < 0)
        && !(vitals.MemorySomeTotal < TimeSpan.Zero);

    private static bool IsAmount(KiB? amount, KiB most) =>
        amount is not { } value || (value >= KiB.Zero && value <= most);

    /// <summary>Rejects NaN too.</summary>
    private static bool IsFraction(double? value) => value is null or (>= 0 and <= 1);
}

/// <summary>
/// Finds guests whose total does not move with their balloon. XenServer's agent for Windows reads the total once, while
/// free memory shrinks with the balloon: total − free counts the balloon as used, and the guest always looks full.
/// What the domain holds, less what is free, is in use. Linux's MemTotal moves with the balloon, and is less than what
/// the domain held when the report was written.
/// </summary>
internal sealed class FixedTotalCheck
{
    /// <summary>
    /// A report may be written this long before it arrives (the agents write its nodes one by one), and show the size
    /// of then. So only a balloon that rested for longer shows that the total is fixed.
    /// </summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private static readonly KiB Tolerance = KiB.FromMiB(16);

    private KiB? fixedTotal;
    private KiB mostHeld;

    /// <summary>
    /// What a domain held when it wrote a report whose total is fixed; null if its total can be used.
    /// </summary>
    /// <param name="report">The report.</param>
    /// <param name="actual">The domain's size.</param>
    /// <param name="restingSince">Since when its balloon rests; null while it moves.</param>
    internal KiB? HeldAt(GuestReport report, KiB actual, TimeSpan? restingSince)
    {
        if (report.Total is not { } total) return null;
        bool exceeds = Exceeds(total, actual) && report.ReceivedAt - restingSince >= LongestDelay;
        fixedTotal = exceeds || total == fixedTotal ? total : null;
        return fixedTotal is null ? null
            : report.ReceivedAt > restingSince ? actual
            : KiB.Max(mostHeld, actual);
    }

    /// <summary>Whether a total is more than a domain of this size can have now.</summary>
    internal static bool Exceeds(KiB total, KiB actual) => total > actual + Tolerance;

    /// <summary>
    /// Reads the domain's size in each pass, after the report: a report in a move may be from its start.
    /// </summary>
    internal void Observe(KiB actual, TimeSpan? restingSince) =>
        mostHeld = restingSince is null ? KiB.Max(mostHeld, actual) : actual;
}
