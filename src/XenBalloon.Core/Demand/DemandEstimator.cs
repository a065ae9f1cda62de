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

    /// <summary>A growth once seen is expected to go on for a while.</summary>
    private static readonly TimeSpan GrowthFall = TimeSpan.FromSeconds(5);

    /// <summary>Growth is measured over no less than this: less than a second, as a report each second may be early.</summary>
    private static readonly TimeSpan LeastStretch = TimeSpan.FromSeconds(0.75);

    /// <summary>Agents that speak more often than this are not quicker to be helped: others have to give first.</summary>
    private static readonly TimeSpan LeastUnseen = TimeSpan.FromSeconds(1);

    /// <summary>
    /// From the report that shows a growth until the memory is there: neighbours have to report and give, and balloons
    /// have to move. Three times that served guests on the rig no better.
    /// </summary>
    private static readonly TimeSpan Actuation = TimeSpan.FromSeconds(3);

    /// <summary>Reports that come more rarely than this say nothing of how fast a guest grows.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(3);

    /// <summary>A guest that reports no more often than this may have changed much since its last word.</summary>
    internal static readonly TimeSpan SeldomInterval = TimeSpan.FromSeconds(10);

    /// <summary>Headroom doubles for each such time between two reports, for that is what nobody sees it grow by.</summary>
    private static readonly TimeSpan HeadroomTime = TimeSpan.FromSeconds(4);

    /// <summary>How many reports ahead a growth counts for a guest without swap: it may have begun just before the last.</summary>
    private const double SwaplessAhead = 4;

    /// <summary>No guest is given more than this many times what it uses in advance.</summary>
    private const double MostAhead = 3;

    /// <summary>Our agents are never silent for longer, unless told otherwise.</summary>
    internal static readonly TimeSpan AgentHeartbeat = TimeSpan.FromMinutes(1);

    /// <summary>After so many reports missed of the longest interval lately, a guest has fallen silent; but not before this time.</summary>
    private const int MissedReports = 3;

    private static readonly TimeSpan LeastPatience = TimeSpan.FromMinutes(1), LeastPatienceWithAgent = AgentHeartbeat * 2.5;

    /// <summary>How fast a long interval is forgotten: agents speak often while things change, and rarely when not.</summary>
    private const double IntervalFall = 0.01;

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

    private StrainGauge gauge = new();
    private HungerMeter hunger = new();
    private WorkingSetProbe probe = new();
    private TimeSpan? heardAt;
    private bool isPlausible;
    private TimeSpan? reportAt;
    private TimeSpan interval;
    private TimeSpan longestInterval;
    private KiB? overhead;
    private (TimeSpan? At, KiB Used) growthFrom;
    private KiB inUse;
    private KiB justFreed;
    private KiB peak;
    private KiB earlierPeak;
    private TimeSpan peakSince;
    private double growthPerSecond;
    private double lastRate;
    private double jumpPerSecond;
    private double? strain;
    private TimeSpan? uptime;

    /// <summary>When the guest last waited for memory; null before the first time.</summary>
    internal TimeSpan? HurtAt { get; private set; }

    /// <summary>Whether the guest says that it has no swap: it dies of what it would wait a moment for with swap.</summary>
    internal bool IsSwapless { get; private set; }

    /// <summary>The operator's word on whether the guest has swap; null for the guest's own.</summary>
    internal bool? HasSwap { get; set; }

    /// <summary>What it may still swap out, by its last word that was believed; null where it said nothing of that.</summary>
    internal KiB? SwapRoom { get; private set; }

    /// <summary>What the domain held when that word arrived; null before the first.</summary>
    internal KiB? HeldWhenHeard { get; private set; }

    /// <summary>What it called available in that word.</summary>
    internal KiB AvailableWhenHeard { get; private set; }

    /// <summary>Whether it waited for memory by its last word that was believed.</summary>
    internal bool Hurts => strain >= DomainDemand.LeastStrain;

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

        TimeSpan age = now - (reportAt ?? now), silence = IsIntervalUnknown || interval < age ? age : interval;
        ReportsSeldom = (IsIntervalUnknown ? age : interval) >= SeldomInterval
            && domain.Report is { Source: not ReportSource.Agent };
        ReportVerdict verdict = domain.Intake == ReportIntake.Unreadable ? ReportVerdict.Implausible
            : heardAt is not { } heard ? ReportVerdict.Silent
            : !isPlausible ? ReportVerdict.Implausible
            : now - heard > Patience(domain.Report?.Source, settings.StaleAfter) ? ReportVerdict.Stale
            : domain.Intake == ReportIntake.Flooding ? ReportVerdict.Flooding
            : ReportVerdict.Fresh;
        return verdict is ReportVerdict.Fresh or ReportVerdict.Flooding
            ? Judge(verdict, domain.Actual, bootMemory, silence, settings)
            : DomainDemand.Unheard(verdict, domain.Actual, domain.Actual);
    }

    /// <summary>
    /// A guest that spoke every second and has not for a minute is not well or not there, unless it is our agent that speaks, and only when it has something
    /// to say; one whose agent speaks every two minutes is given more time.
    /// </summary>
    private TimeSpan Patience(ReportSource? source, TimeSpan most)
    {
        TimeSpan missed = longestInterval * MissedReports, least = source == ReportSource.Agent ? LeastPatienceWithAgent : LeastPatience;
        if (longestInterval == TimeSpan.Zero || missed > most) return most;
        return missed > least ? missed : most < least ? most : least;
    }

    private void TakeIn(DomainSnapshot domain, GuestReport report, BalloonTracker balloon, bool probing)
    {
        if (report.Vitals?.Uptime < uptime) Forget();
        uptime = report.Vitals?.Uptime;
        overhead = MeasuredOverhead(domain, report, balloon) ?? overhead;
        KiB used = (report.Used + (overhead ?? AssumedOverhead(domain))).Clamp(KiB.Zero, domain.Actual);
        KiB available = KiB.Max(KiB.Zero, report.Available ?? (domain.Actual - used));
        TimeSpan since = reportAt is { } last ? report.ReceivedAt - last : TimeSpan.MaxValue;
        strain = gauge.Read(report);
        if (strain >= DomainDemand.LeastStrain) HurtAt = report.ReceivedAt;
        IsSwapless = report.Vitals?.SwapTotal == KiB.Zero;
        SwapRoom = report.Vitals?.SwapRoom;
        HeldWhenHeard = domain.Actual;
        AvailableWhenHeard = available;
        TakeGrowth(report.Used, report.ReceivedAt);
        justFreed = since <= Breath && strain is null ? KiB.Max(KiB.Zero, inUse - used) : KiB.Zero;
        inUse = used;
        TakePeak(used, report.ReceivedAt);
        if (since != TimeSpan.MaxValue) longestInterval = since > longestInterval ? since : longestInterval - ((longestInterval - since) * IntervalFall);
        (reportAt, interval) = (report.ReceivedAt, since);
        probe.Take(domain.Actual, report, probing && strain < DomainDemand.LeastStrain);
        TakeLack(domain.Actual, used, available, report.Vitals?.SwapUsed ?? KiB.Zero, report.Source == ReportSource.Agent);
    }

    /// <summary>Whether it lacks memory that it does not count as used: it has nearly nothing available, or waits.</summary>
    private void TakeLack(KiB actual, KiB used, KiB available, KiB swapped, bool fromAgent)
    {
        bool isBlind = strain is null, isSeldom = !fromAgent && !IsIntervalUnknown && interval >= SeldomInterval;
        KiB least = isBlind
            ? KiB.Max(LeastBlindMargin, actual.Times(BlindStarvedPart))
            : KiB.Max(LeastMargin, actual.Times(StarvedPart));
        bool starved = available < least && probe.Taken == KiB.Zero;

        // What waits to be read back from swap and finds memory available for it lacks nothing but time.
        bool readsBack = swapped > KiB.Zero && available >= swapped + Margin(used);
        bool waits = strain >= DomainDemand.LeastStrain && !readsBack, hidden = !starved || isSeldom;
        KiB seen = strain > 0 ? KiB.Min(actual, swapped) : KiB.Zero;
        if (starved || waits) hunger.Hungry(actual, seen, interval, isBlind, hidden);
        else if (strain >= DomainDemand.FirstStrain && !readsBack) hunger.Uneasy(actual);
        else hunger.Well(actual, used, interval);
    }

    /// <summary>A kernel started anew in the same domain: what the one before used, and counted, says nothing of it.</summary>
    private void Forget()
    {
        (gauge, hunger, probe) = (new StrainGauge(), new HungerMeter(), new WorkingSetProbe());
        growthFrom = default;
        (reportAt, overhead, inUse, justFreed, peak, earlierPeak) = (null, null, KiB.Zero, KiB.Zero, KiB.Zero, KiB.Zero);
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

    /// <summary>
    /// One jump is no growth: only what two stretches in a row show is expected to go on. Without swap there is no second
    /// chance, and between reports that come seldom much happens: what these show once counts.
    /// </summary>
    private void TakeGrowth(KiB used, TimeSpan at)
    {
        TimeSpan since = at - (growthFrom.At ?? at);
        if (since > LongestInterval || since <= TimeSpan.Zero)
        {
            (growthPerSecond, lastRate, jumpPerSecond, growthFrom) = (0, 0, 0, (at, used));
            return;
        }

        // A burst within less than a second says little of how a guest goes on, so the rate is that of a whole second:
        // of this stretch, and for the rest of the second of the stretch before.
        bool isShort = since < LeastStretch;
        double rate = Math.Max(0, (used - growthFrom.Used).Value / (isShort ? 1 : since.TotalSeconds));
        jumpPerSecond = isShort ? rate + (lastRate * (1 - since.TotalSeconds)) : rate;
        if (isShort) return;
        double confirmed = DiesOfLack || since >= SeldomInterval ? rate : Math.Min(rate, lastRate);
        growthPerSecond = confirmed >= growthPerSecond ? confirmed : confirmed + ((growthPerSecond - confirmed) * Math.Exp(-since / GrowthFall));
        (lastRate, growthFrom) = (rate, (at, used));
    }

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
        double unseen = KnownInterval.TotalSeconds * (DiesOfLack ? SwaplessAhead : 1) + Actuation.TotalSeconds;
        KiB growth = Ahead(growthPerSecond, unseen), jump = Ahead(jumpPerSecond, unseen);

        // What does not fit kills a guest without swap, so what it grows by is as much a need as what it has.
        KiB need = KiB.Max(DiesOfLack ? floor + growth : floor, hunger.Goal);
        KiB coming = KiB.Max(need, floor + KiB.Max(growth, jump));
        KiB headroom = KiB.Max(LeastHeadroom, used.Times(settings.Headroom));
        KiB want = KiB.Max(KiB.Max(need, floor + growth), used + headroom);
        KiB lately = KiB.Max(RecentPeak + Margin(RecentPeak), hunger.Eased), room = KiB.Zero;
        if (ReportsSeldom)
        {
            room = used + used.Times(Math.Min(MostAhead, settings.Headroom * (1 + (silence / HeadroomTime))));
            if (!IsIntervalUnknown) coming = KiB.Max(coming, KiB.Max(KiB.Min(room, bootMemory ?? KiB.Zero), lately));
        }

        KiB kept = KiB.Max(KiB.Max(coming, want), KiB.Max(room, lately));
        return new DomainDemand(verdict, used, floor, need, coming, want, kept)
        {
            NotYetTaken = justFreed.Times(NotYetTakenPart),
            RecentPeak = KiB.Max(RecentPeak, used),
            Starved = starved,
            Strain = strain,
            Probe = probe.Allowance,
        };
    }

    /// <summary>How often it reports is not known before its second report, nor whether there will be one.</summary>
    private bool IsIntervalUnknown => interval == TimeSpan.MaxValue;

    private bool DiesOfLack => HasSwap is { } said ? !said : IsSwapless;

    /// <summary>What it grows by in this time, but no more than it has.</summary>
    private KiB Ahead(double perSecond, double seconds) => KiB.Min(inUse, new KiB((long)(perSecond * seconds)));

    /// <summary>How long nobody sees what it does: the time between its last two reports.</summary>
    private TimeSpan KnownInterval => interval > LongestInterval || interval < LeastUnseen ? LeastUnseen : interval;
}
