using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Demand;

/// <summary>
/// Estimates what a domain needs: turns its reports into memory in use, needed and wanted. Reports come from untrusted
/// guests: they are bounded by the hypervisor's count, and move a guest's own share within its own bounds only.
/// </summary>
internal sealed class DemandEstimator
{
    /// <summary>
    /// Programs free memory and allocate it again within moments. If two reports are this close and the guest could not
    /// report a stall, half of what became free between them is not taken yet.
    /// </summary>
    private static readonly TimeSpan ReallocationTime = TimeSpan.FromSeconds(5);

    private const double NotYetTakenFraction = 0.5;

    /// <summary>
    /// Most bursts return within minutes: the recent peak covers the present and the previous period.
    /// </summary>
    private static readonly TimeSpan PeakPeriod = TimeSpan.FromMinutes(15);

    /// <summary>
    /// From the report that shows growth until the memory arrives: other domains have to report and give, and balloons
    /// have to move. Three times this value served guests on the test machine no better.
    /// </summary>
    private static readonly TimeSpan Actuation = TimeSpan.FromSeconds(3);

    /// <summary>Headroom doubles for each such time between two reports, because growth in between is unseen.</summary>
    private static readonly TimeSpan HeadroomTime = TimeSpan.FromSeconds(4);

    /// <summary>
    /// How many reports ahead a guest without swap is given growth: it may have begun just before the last.
    /// </summary>
    private const double SwaplessReportsAhead = 4;

    /// <summary>No guest is given more than this many times its use in advance.</summary>
    private const double MostAhead = 3;

    /// <summary>
    /// The memory that a guest should have available, and below which it counts as short of memory, as fractions.
    /// </summary>
    private const double MarginFraction = 0.05, StarvedFraction = 0.03;

    /// <summary>
    /// The same for a guest that reports neither swap nor stalls. A guest that thrashes still has some memory
    /// available, because its kernel reclaims ahead of need. These fractions are guesses, tuned in the simulator.
    /// </summary>
    private const double BlindMarginFraction = 0.10, BlindStarvedFraction = 0.08;

    /// <summary>
    /// The smallest margins. A guest that reports stalls shows when it has too little, so it gets less.
    /// </summary>
    internal static readonly KiB MinMargin = KiB.FromMiB(8), MinBlindMargin = KiB.FromMiB(16);

    private static readonly KiB MinHeadroom = KiB.FromMiB(16);

    private readonly ReportTiming timing = new();
    private StallMeter stalls = new();
    private GrowthMeter growth = new();
    private ShortageMeter shortage = new();
    private WorkingSetProbe probe = new();
    private KillMeter kills = new();
    private FullnessMeter fullness = new();
    private FixedTotalCheck totals = new();
    private bool totalIsFixed;
    private TimeSpan? reportedAt;
    private bool isPlausible;
    private KiB? overhead;
    private KiB inUse;
    private KiB justFreed;
    private KiB peak;
    private KiB previousPeak;
    private TimeSpan peakSince;
    private double? stallFraction;
    private TimeSpan? uptime;

    /// <summary>When the guest last stalled on memory; null before the first time.</summary>
    internal TimeSpan? LastStallAt { get; private set; }

    /// <summary>Whether the guest reports that it has no swap: then a shortage kills it.</summary>
    internal bool IsSwapless { get; private set; }

    /// <summary>Whether the guest has swap, by its settings; null to use its report.</summary>
    internal bool? HasSwap { get; set; }

    /// <inheritdoc cref="DomainDemand.Offset"/>
    /// <remarks>What was read before is kept in the unit of targets, so it changes too.</remarks>
    internal KiB Offset
    {
        get;
        set
        {
            KiB less = value - field;
            field = value;
            if (less == KiB.Zero || reportedAt is null) return;
            overhead -= less;
            (inUse, peak) = (KiB.Max(KiB.Zero, inUse - less), KiB.Max(KiB.Zero, peak - less));
            previousPeak = KiB.Max(KiB.Zero, previousPeak - less);
        }
    }

    /// <summary>What it can still swap out, by the last believed report; null if that has no swap data.</summary>
    internal KiB? SwapHeadroom { get; private set; }

    /// <summary>The domain's size when that report arrived; null before the first.</summary>
    internal KiB? HeldAtReport { get; private set; }

    /// <summary>The available memory in that report.</summary>
    internal KiB AvailableAtReport { get; private set; }

    /// <summary>Whether it stalled on memory, by the last believed report.</summary>
    internal bool IsStalled => stallFraction >= DomainDemand.StallThreshold;

    /// <inheritdoc cref="ReportTiming.IsRare"/>
    internal bool ReportsRarely { get; private set; }

    private KiB RecentPeak => KiB.Max(peak, previousPeak);

    /// <summary>Swap did not save a guest whose kernel killed programs: it counts as a guest without swap.</summary>
    private bool DiesOfShortage(TimeSpan now) =>
        (HasSwap is { } configured ? !configured : IsSwapless) || kills.IsRestarting(now);

    /// <summary>Reads the newest report if it is new, and estimates the demand.</summary>
    /// <param name="domain">The domain now, with its newest report.</param>
    /// <param name="restingSince">Since when its balloon rests; null while it moves.</param>
    /// <param name="bootMemory">The memory that the domain booted with.</param>
    /// <param name="now">The snapshot's time.</param>
    /// <param name="settings">The operator's settings.</param>
    internal DomainDemand Observe(
        DomainSnapshot domain, TimeSpan? restingSince, KiB? bootMemory, TimeSpan now, BalancerSettings settings)
    {
        if (domain.Report is { } report && report.ReceivedAt != reportedAt)
        {
            reportedAt = report.ReceivedAt;
            isPlausible = Plausibility.Holds(report, domain);
            if (isPlausible) Read(domain, report, restingSince, settings.Probing);
        }

        totals.Observe(domain.Actual, restingSince);
        ReportsRarely = domain.Report is { } newest && timing.IsRare(newest.Source, now);
        ReportVerdict verdict = Judge(domain, now, settings.StaleAfter);
        return verdict is ReportVerdict.Fresh or ReportVerdict.Flooding
            ? Estimate(verdict, Holds(domain), bootMemory, now, settings)
            : DomainDemand.Unreported(verdict, domain.Actual, domain.Actual);
    }

    private ReportVerdict Judge(DomainSnapshot domain, TimeSpan now, TimeSpan staleAfter) =>
        domain.Intake == ReportIntake.Unreadable ? ReportVerdict.Implausible
        : reportedAt is not { } last ? ReportVerdict.Silent
        : !isPlausible ? ReportVerdict.Implausible
        : now - last > timing.Timeout(domain.Report?.Source, staleAfter) ? ReportVerdict.Stale
        : domain.Intake == ReportIntake.Flooding ? ReportVerdict.Flooding
        : ReportVerdict.Fresh;

    private void Read(DomainSnapshot domain, GuestReport report, TimeSpan? restingSince, bool probing)
    {
        if (report.Vitals?.Uptime < uptime) Reset();
        uptime = report.Vitals?.Uptime;
        KiB usedByGuest = UsedByGuest(domain, report, restingSince), holds = Holds(domain);
        KiB used = (usedByGuest + (overhead ?? AssumedOverhead(domain))).Clamp(KiB.Zero, holds);
        KiB available = KiB.Max(KiB.Zero, report.Available ?? (holds - used));
        timing.Read(report.ReceivedAt);
        stallFraction = stalls.Read(report);
        kills.Read(report);
        if (IsStalled) LastStallAt = report.ReceivedAt;
        IsSwapless = report.Vitals?.SwapTotal == KiB.Zero;
        SwapHeadroom = report.Vitals?.SwapHeadroom;
        HeldAtReport = domain.Actual;
        AvailableAtReport = available;
        bool reportsAtOnce = report.Source == ReportSource.Agent;
        growth.Read(usedByGuest, report.ReceivedAt, onceCounts: DiesOfShortage(report.ReceivedAt), reportsAtOnce);
        bool mayReallocate = timing.Interval <= ReallocationTime && stallFraction is null;
        justFreed = mayReallocate ? KiB.Max(KiB.Zero, inUse - used) : KiB.Zero;
        inUse = used;
        ReadPeak(used, report.ReceivedAt);
        probe.Read(holds, report, probing && stallFraction < DomainDemand.StallThreshold);
        ReadShortage(holds, used, available, report);
    }

    /// <summary>
    /// Finds a shortage that does not show as memory in use: almost nothing is available, or the guest stalls.
    /// </summary>
    private void ReadShortage(KiB holds, KiB used, KiB available, GuestReport report)
    {
        bool hidesStalls = stallFraction is null, isRare = timing.IsRare(report.Source, report.ReceivedAt);
        KiB swapped = report.Vitals?.SwapUsed ?? KiB.Zero;
        KiB least = hidesStalls
            ? KiB.Max(MinBlindMargin, holds.Times(BlindStarvedFraction))
            : KiB.Max(MinMargin, holds.Times(StarvedFraction));
        bool isShort = available < least && probe.Taken == KiB.Zero;

        bool hidesSwap = report.Vitals?.SwapTotal is null;
        fullness.Read(holds, isShort && hidesStalls && hidesSwap, report.ReceivedAt);

        // A guest that reads pages back from swap and has memory available for all of them needs only time.
        bool readsBack = swapped > KiB.Zero && available >= swapped + Margin(used);
        bool isStalled = IsStalled && !readsBack, hidden = !isShort || isRare;
        KiB seen = stallFraction > 0 ? KiB.Min(holds, swapped) : KiB.Zero;
        bool stallsEarly = stallFraction >= DomainDemand.EarlyStallThreshold && !readsBack;
        if (isShort || isStalled) shortage.OnShortage(holds, seen, timing.Interval, hidesStalls, hidden);
        else if (stallsEarly) shortage.OnEarlyStall(holds);
        else shortage.OnEnough(holds, used, timing.Interval);
    }

    /// <summary>Resets after a reboot of the guest: the previous kernel's use and counters no longer apply.</summary>
    private void Reset()
    {
        timing.Reset();
        (stalls, kills, totals) = (new StallMeter(), new KillMeter(), new FixedTotalCheck());
        ForgetUse();
        (overhead, totalIsFixed) = (null, false);
    }

    private void ForgetUse()
    {
        (growth, probe) = (new GrowthMeter(), new WorkingSetProbe());
        (shortage, fullness) = (new ShortageMeter(), new FullnessMeter());
        (inUse, justFreed, peak, previousPeak) = (KiB.Zero, KiB.Zero, KiB.Zero, KiB.Zero);
    }

    /// <summary>
    /// What the guest uses without its kernel's own memory; with it, if its total does not move with the balloon.
    /// Earlier reports of such a guest counted the balloon as used.
    /// </summary>
    private KiB UsedByGuest(DomainSnapshot domain, GuestReport report, TimeSpan? restingSince)
    {
        KiB? held = totals.HeldAt(report, domain.Actual, restingSince);
        if (totalIsFixed != held is not null)
        {
            (totalIsFixed, overhead) = (held is not null, null);
            ForgetUse();
        }

        overhead = totalIsFixed ? -Offset : MeasuredOverhead(domain, report, restingSince) - Offset ?? overhead;
        return held - report.Available ?? report.Used;
    }

    /// <summary>
    /// The kernel's own memory: the hypervisor's count minus MemTotal. MemTotal moves with the balloon, so the
    /// difference is valid only while nothing moves. (Total − available is consistent within any one report.)
    /// </summary>
    private static KiB? MeasuredOverhead(DomainSnapshot domain, GuestReport report, TimeSpan? restingSince) =>
        report.Total is { } total && report.ReceivedAt > restingSince && !FixedTotalCheck.Exceeds(total, domain.Actual)
            ? KiB.Max(KiB.Zero, domain.Actual - total)
            : null;

    /// <summary>
    /// The overhead until it is measured, or if the source does not report MemTotal. Seen: 55 MiB at a static-max of
    /// 512 MiB. A page structure takes 64 bytes of 4096.
    /// </summary>
    private static KiB AssumedOverhead(DomainSnapshot domain) =>
        KiB.FromMiB(64) + (domain.StaticMax ?? domain.Actual).Times(1.0 / 64);

    /// <summary>What the domain holds, in the unit of its target.</summary>
    private KiB Holds(DomainSnapshot domain) => KiB.Max(KiB.Zero, domain.Actual - Offset);

    private void ReadPeak(KiB used, TimeSpan at)
    {
        TimeSpan age = at - peakSince;
        if (age >= PeakPeriod) (previousPeak, peak, peakSince) = (age < PeakPeriod * 2 ? peak : KiB.Zero, KiB.Zero, at);
        peak = KiB.Max(peak, used);
    }

    private KiB Margin(KiB used) => stallFraction is null
        ? KiB.Max(MinBlindMargin, used.Times(BlindMarginFraction))
        : KiB.Max(MinMargin, used.Times(MarginFraction));

    private DomainDemand Estimate(
        ReportVerdict verdict, KiB holds, KiB? bootMemory, TimeSpan now, BalancerSettings settings)
    {
        bool isShort = shortage.RequestedSize > KiB.Zero, killed = kills.IsRestarting(now), dies = DiesOfShortage(now);
        KiB used = inUse - probe.Taken, floor = used + Margin(inUse);
        if (isShort) floor = KiB.Max(floor, KiB.Min(holds, shortage.RequestedSize));
        double reportsAhead = dies ? SwaplessReportsAhead : 1;
        double secondsAhead = timing.UnreportedTime.TotalSeconds * reportsAhead + Actuation.TotalSeconds;
        KiB grown = GrowthIn(growth.PerSecond, secondsAhead), jump = GrowthIn(growth.LastSecond, secondsAhead);

        // Growth that finds no memory kills a guest without swap, so its growth is part of its need.
        KiB need = KiB.Max(dies ? floor + grown : floor, shortage.RequestedSize);
        if (killed) need = KiB.Max(need, bootMemory ?? KiB.Zero);
        KiB forecast = KiB.Max(need, floor + KiB.Max(grown, jump));
        KiB headroom = KiB.Max(MinHeadroom, used.Times(settings.Headroom));
        KiB want = KiB.Max(KiB.Max(need, floor + grown), used + headroom);
        KiB recent = KiB.Max(RecentPeak + Margin(RecentPeak), shortage.ReliefSize), inAdvance = KiB.Zero;
        if (ReportsRarely)
        {
            double ahead = Math.Min(MostAhead, settings.Headroom * (1 + (timing.Silence(now) / HeadroomTime)));
            inAdvance = used + used.Times(ahead);
            KiB mayNeed = KiB.Max(KiB.Min(inAdvance, bootMemory ?? KiB.Zero), recent);
            if (timing.Interval is not null) forecast = KiB.Max(forecast, mayNeed);
        }

        KiB kept = KiB.Max(KiB.Max(forecast, want), KiB.Max(inAdvance, recent));
        return new DomainDemand(verdict, used, floor, need, forecast, want, kept)
        {
            Offset = Offset,
            NotYetTaken = justFreed.Times(NotYetTakenFraction),
            RecentPeak = KiB.Max(RecentPeak, used),
            KeptInAdvance = inAdvance > recent,
            IsShortOfMemory = isShort,
            KilledPrograms = killed,
            StaysFull = fullness.StaysFull,
            StallFraction = stallFraction,
            Probe = probe.Allowance,
        };
    }

    /// <summary>The expected growth in this time, at most as much as is in use.</summary>
    private KiB GrowthIn(double perSecond, double seconds) => KiB.Min(inUse, new KiB((long)(perSecond * seconds)));
}
