using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Demand;

/// <summary>
/// What does this domain need? Turns its reports into what is in use, what it needs, and what it should have. A report
/// is an untrusted guest's word: it is bounded by what the hypervisor holds, and moves that guest's own share within
/// its own bounds only.
/// </summary>
internal sealed class DemandEstimator
{
    /// <summary>
    /// Programs free memory and allocate it again within moments: of what came free since a report no older than this,
    /// half is not taken yet from a guest that could not tell that it waits for it.
    /// </summary>
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(5);

    private const double NotYetTakenPart = 0.5;

    /// <summary>Bursts come back within minutes more often than not: the peak is the most of this and the last such time.</summary>
    private static readonly TimeSpan PeakTime = TimeSpan.FromMinutes(15);

    /// <summary>
    /// From the report that shows a growth until the memory is there: neighbours have to report and give, and balloons
    /// have to move. Three times that served guests on the rig no better.
    /// </summary>
    private static readonly TimeSpan Actuation = TimeSpan.FromSeconds(3);

    /// <summary>Headroom doubles for each such time between two reports, for that is what nobody sees it grow by.</summary>
    private static readonly TimeSpan HeadroomTime = TimeSpan.FromSeconds(4);

    /// <summary>How many reports ahead a growth counts for a guest without swap: it may have begun just before the last.</summary>
    private const double SwaplessAhead = 4;

    /// <summary>No guest is given more than this many times what it uses in advance.</summary>
    private const double MostAhead = 3;

    /// <summary>What a guest should have available, and below what it is taken to lack memory, as parts of its size.</summary>
    private const double MarginPart = 0.05, StarvedPart = 0.03;

    /// <summary>
    /// The same of a guest that says nothing of its swap or of waiting. One that thrashes still has some memory
    /// available, for its kernel reclaims ahead of need. How much is a guess: the parts were found in the simulator.
    /// </summary>
    private const double BlindMarginPart = 0.10, BlindStarvedPart = 0.08;

    /// <summary>
    /// The least margins. A guest that tells of waiting is heard when it has too little, so less is left to it.
    /// </summary>
    internal static readonly KiB LeastMargin = KiB.FromMiB(8), LeastBlindMargin = KiB.FromMiB(16);

    private static readonly KiB LeastHeadroom = KiB.FromMiB(16);

    private readonly ReportRhythm rhythm = new();
    private StallMeter gauge = new();
    private GrowthMeter growth = new();
    private ShortageMeter hunger = new();
    private WorkingSetProbe probe = new();
    private TimeSpan? heardAt;
    private bool isPlausible;
    private KiB? overhead;
    private KiB inUse;
    private KiB justFreed;
    private KiB peak;
    private KiB earlierPeak;
    private TimeSpan peakSince;
    private double? strain;
    private TimeSpan? uptime;

    /// <summary>When the guest last waited for memory; null before the first time.</summary>
    internal TimeSpan? LastStallAt { get; private set; }

    /// <summary>Whether the guest says that it has no swap: it dies of what it would wait a moment for with swap.</summary>
    internal bool IsSwapless { get; private set; }

    /// <summary>The operator's word on whether the guest has swap; null for the guest's own.</summary>
    internal bool? HasSwap { get; set; }

    /// <summary>What it may still swap out, by its last word that was believed; null where it said nothing of that.</summary>
    internal KiB? SwapHeadroom { get; private set; }

    /// <summary>What the domain held when that word arrived; null before the first.</summary>
    internal KiB? HeldWhenHeard { get; private set; }

    /// <summary>What it called available in that word.</summary>
    internal KiB AvailableWhenHeard { get; private set; }

    /// <summary>Whether it waited for memory by its last word that was believed.</summary>
    internal bool IsStalled => strain >= DomainDemand.StallThreshold;

    /// <summary>
    /// Whether its reports come so seldom that much may have changed since the last one. Our own agent is silent while
    /// nothing changes, and speaks when something does.
    /// </summary>
    internal bool ReportsSeldom { get; private set; }

    /// <summary>Takes the newest report in, if it is new, and says what the domain needs.</summary>
    /// <param name="domain">The domain now, with its newest report.</param>
    /// <param name="balloon">How its balloon stands now.</param>
    /// <param name="bootMemory">What it booted with.</param>
    /// <param name="now">The snapshot's time.</param>
    /// <param name="settings">The operator's wishes.</param>
    internal DomainDemand Observe(
        DomainSnapshot domain, BalloonTracker balloon, KiB? bootMemory, TimeSpan now, BalancerSettings settings)
    {
        if (domain.Report is { } report && report.ReceivedAt != heardAt)
        {
            heardAt = report.ReceivedAt;
            if (isPlausible = Plausibility.Holds(report, domain)) TakeIn(domain, report, balloon, settings.Probing);
        }

        ReportsSeldom = domain.Report is { } newest && rhythm.IsSeldom(newest.Source, now);
        ReportVerdict verdict = domain.Intake == ReportIntake.Unreadable ? ReportVerdict.Implausible
            : heardAt is not { } heard ? ReportVerdict.Silent
            : !isPlausible ? ReportVerdict.Implausible
            : now - heard > rhythm.Patience(domain.Report?.Source, settings.StaleAfter) ? ReportVerdict.Stale
            : domain.Intake == ReportIntake.Flooding ? ReportVerdict.Flooding
            : ReportVerdict.Fresh;
        return verdict is ReportVerdict.Fresh or ReportVerdict.Flooding
            ? Judge(verdict, domain.Actual, bootMemory, rhythm.Silence(now), settings)
            : DomainDemand.Unreported(verdict, domain.Actual, domain.Actual);
    }

    private void TakeIn(DomainSnapshot domain, GuestReport report, BalloonTracker balloon, bool probing)
    {
        if (report.Vitals?.Uptime < uptime) Forget();
        uptime = report.Vitals?.Uptime;
        overhead = MeasuredOverhead(domain, report, balloon) ?? overhead;
        KiB used = (report.Used + (overhead ?? AssumedOverhead(domain))).Clamp(KiB.Zero, domain.Actual);
        KiB available = KiB.Max(KiB.Zero, report.Available ?? (domain.Actual - used));
        rhythm.Take(report.ReceivedAt);
        strain = gauge.Read(report);
        if (strain >= DomainDemand.StallThreshold) LastStallAt = report.ReceivedAt;
        IsSwapless = report.Vitals?.SwapTotal == KiB.Zero;
        SwapHeadroom = report.Vitals?.SwapHeadroom;
        HeldWhenHeard = domain.Actual;
        AvailableWhenHeard = available;
        growth.Take(
            report.Used, report.ReceivedAt, onceCounts: DiesOfLack, reportsAtOnce: report.Source == ReportSource.Agent);
        justFreed = rhythm.Interval <= Breath && strain is null ? KiB.Max(KiB.Zero, inUse - used) : KiB.Zero;
        inUse = used;
        TakePeak(used, report.ReceivedAt);
        probe.Take(domain.Actual, report, probing && strain < DomainDemand.StallThreshold);
        TakeLack(domain.Actual, used, available, report);
    }

    /// <summary>Whether it lacks memory that it does not count as used: it has nearly nothing available, or waits.</summary>
    private void TakeLack(KiB actual, KiB used, KiB available, GuestReport report)
    {
        bool isBlind = strain is null, isSeldom = rhythm.IsSeldom(report.Source, report.ReceivedAt);
        KiB swapped = report.Vitals?.SwapUsed ?? KiB.Zero;
        KiB least = isBlind
            ? KiB.Max(LeastBlindMargin, actual.Times(BlindStarvedPart))
            : KiB.Max(LeastMargin, actual.Times(StarvedPart));
        bool starved = available < least && probe.Taken == KiB.Zero;

        // What waits to be read back from swap and finds memory available for it lacks nothing but time.
        bool readsBack = swapped > KiB.Zero && available >= swapped + Margin(used);
        bool waits = strain >= DomainDemand.StallThreshold && !readsBack, hidden = !starved || isSeldom;
        KiB seen = strain > 0 ? KiB.Min(actual, swapped) : KiB.Zero;
        if (starved || waits) hunger.Hungry(actual, seen, rhythm.Interval, isBlind, hidden);
        else if (strain >= DomainDemand.EarlyStallThreshold && !readsBack) hunger.Uneasy(actual);
        else hunger.Well(actual, used, rhythm.Interval);
    }

    /// <summary>A kernel started anew in the same domain: what the one before used, and counted, says nothing of it.</summary>
    private void Forget()
    {
        rhythm.Forget();
        (gauge, growth, hunger, probe) = (new StallMeter(), new GrowthMeter(), new ShortageMeter(), new WorkingSetProbe());
        (overhead, inUse, justFreed, peak, earlierPeak) = (null, KiB.Zero, KiB.Zero, KiB.Zero, KiB.Zero);
    }

    /// <summary>
    /// MemTotal moves with the balloon, so within one report total − available is consistent however old it is; only the kernel's own part has to come
    /// from comparing with the hypervisor's count, and that is sound only while nothing moves.
    /// </summary>
    private static KiB? MeasuredOverhead(DomainSnapshot domain, GuestReport report, BalloonTracker balloon) =>
        report.Total is { } total && report.ReceivedAt > balloon.RestingSince ? KiB.Max(KiB.Zero, domain.Actual - total) : null;

    /// <summary>Until it is measured, and where a source does not say MemTotal: seen were 55 MiB at a static-max of 512 MiB; a page structure takes 64 bytes of 4096.</summary>
    private static KiB AssumedOverhead(DomainSnapshot domain) =>
        KiB.FromMiB(64) + (domain.StaticMax ?? domain.Actual).Times(1.0 / 64);

    private KiB RecentPeak => KiB.Max(peak, earlierPeak);

    private void TakePeak(KiB used, TimeSpan at)
    {
        if (at - peakSince >= PeakTime) (earlierPeak, peak, peakSince) = (at - peakSince < PeakTime * 2 ? peak : KiB.Zero, KiB.Zero, at);
        peak = KiB.Max(peak, used);
    }

    private KiB Margin(KiB used) => strain is null
        ? KiB.Max(LeastBlindMargin, used.Times(BlindMarginPart))
        : KiB.Max(LeastMargin, used.Times(MarginPart));

    private DomainDemand Judge(
        ReportVerdict verdict, KiB actual, KiB? bootMemory, TimeSpan silence, BalancerSettings settings)
    {
        bool starved = hunger.Goal > KiB.Zero;
        KiB used = inUse - probe.Taken, floor = used + Margin(inUse);
        if (starved) floor = KiB.Max(floor, KiB.Min(actual, hunger.Goal));
        double unseen = rhythm.Unseen.TotalSeconds * (DiesOfLack ? SwaplessAhead : 1) + Actuation.TotalSeconds;
        KiB grown = Ahead(growth.PerSecond, unseen), jump = Ahead(growth.LastSecond, unseen);

        // What does not fit kills a guest without swap, so what it grows by is as much a need as what it has.
        KiB need = KiB.Max(DiesOfLack ? floor + grown : floor, hunger.Goal);
        KiB coming = KiB.Max(need, floor + KiB.Max(grown, jump));
        KiB headroom = KiB.Max(LeastHeadroom, used.Times(settings.Headroom));
        KiB want = KiB.Max(KiB.Max(need, floor + grown), used + headroom);
        KiB lately = KiB.Max(RecentPeak + Margin(RecentPeak), hunger.Eased), room = KiB.Zero;
        if (ReportsSeldom)
        {
            room = used + used.Times(Math.Min(MostAhead, settings.Headroom * (1 + (silence / HeadroomTime))));
            if (rhythm.Interval is not null) coming = KiB.Max(coming, KiB.Max(KiB.Min(room, bootMemory ?? KiB.Zero), lately));
        }

        KiB kept = KiB.Max(KiB.Max(coming, want), KiB.Max(room, lately));
        return new DomainDemand(verdict, used, floor, need, coming, want, kept)
        {
            NotYetTaken = justFreed.Times(NotYetTakenPart),
            RecentPeak = KiB.Max(RecentPeak, used),
            KeptInAdvance = room > lately,
            Starved = starved,
            StallFraction = strain,
            Probe = probe.Allowance,
        };
    }

    private bool DiesOfLack => HasSwap is { } said ? !said : IsSwapless;

    /// <summary>What it grows by in this time, but no more than it has.</summary>
    private KiB Ahead(double perSecond, double seconds) => KiB.Min(inUse, new KiB((long)(perSecond * seconds)));
}
