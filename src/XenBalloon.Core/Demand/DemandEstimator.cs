using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Demand;

/// <summary>
/// What does this domain need? Turns its reports into hot, want and floor. A report is an untrusted guest's word: it is bounded by what the hypervisor
/// holds, and moves that guest's own share within its own bounds only.
/// </summary>
internal sealed class DemandEstimator
{
    /// <summary>A working-set estimate that falls quickly thrashes, so it is the maximum of a fast and a slow moving average, as ESX's is.</summary>
    private static readonly TimeSpan FastFall = TimeSpan.FromSeconds(4), SlowFall = TimeSpan.FromSeconds(30);

    /// <summary>What it used not long ago it may soon use again, and is left where nobody needs it: bursts come back within minutes more often than not.</summary>
    private static readonly TimeSpan PeakFall = TimeSpan.FromMinutes(10);

    /// <summary>A growth once seen is expected to go on for a while.</summary>
    private static readonly TimeSpan GrowthFall = TimeSpan.FromSeconds(10);

    /// <summary>Agents that speak more often than this are not quicker to be helped: others have to give first.</summary>
    private static readonly TimeSpan LeastUnseen = TimeSpan.FromSeconds(1);

    /// <summary>From the report that shows a need until the memory is there: one step and a balloon's way.</summary>
    private static readonly TimeSpan Actuation = TimeSpan.FromSeconds(1);

    /// <summary>Reports that come more rarely than this say nothing of how fast a guest grows.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    private static readonly KiB LeastMargin = KiB.FromMiB(16);

    /// <summary>Our agents are never silent for longer, unless told otherwise.</summary>
    internal static readonly TimeSpan AgentHeartbeat = TimeSpan.FromMinutes(1);

    /// <summary>After so many reports missed of the longest interval lately, a guest has fallen silent; but not before this time.</summary>
    private const int MissedReports = 3;

    private static readonly TimeSpan LeastPatience = TimeSpan.FromMinutes(1), LeastPatienceWithAgent = AgentHeartbeat * 2.5;

    /// <summary>How fast a long interval is forgotten: agents speak often while things change, and rarely when not.</summary>
    private const double IntervalFall = 0.01;

    private const double MarginPart = 0.05, StarvedPart = 0.03;

    private StrainGauge gauge = new();
    private HungerMeter hunger = new();
    private WorkingSetProbe probe = new();
    private TimeSpan? heardAt;
    private bool isPlausible;
    private TimeSpan? reportAt;
    private TimeSpan interval;
    private TimeSpan longestInterval;
    private KiB? overhead;
    private KiB lastUsed;
    private KiB fastHot;
    private KiB slowHot;
    private KiB peak;
    private double growthPerSecond;
    private double lastRate;
    private double? strain;
    private TimeSpan? uptime;

    /// <summary>When the guest last waited for memory; null before the first time.</summary>
    internal TimeSpan? HurtAt { get; private set; }

    /// <summary>Whether the guest says that it has no swap: it dies of what it would wait a moment for with swap.</summary>
    internal bool IsSwapless { get; private set; }

    /// <summary>What it may still swap out, by its last word that was believed; null where it said nothing of that.</summary>
    internal KiB? SwapRoom { get; private set; }

    /// <summary>What the domain held when that word arrived; null before the first.</summary>
    internal KiB? HeldWhenHeard { get; private set; }

    /// <summary>Whether it waited for memory by its last word that was believed.</summary>
    internal bool Hurts => strain >= DomainDemand.LeastStrain;

    /// <summary>Takes the newest report in, if it is new, and says what the domain needs.</summary>
    /// <param name="domain">The domain now, with its newest report.</param>
    /// <param name="balloon">How its balloon stands now.</param>
    /// <param name="now">The snapshot's time.</param>
    /// <param name="settings">The operator's wishes.</param>
    internal DomainDemand Observe(DomainSnapshot domain, BalloonTracker balloon, TimeSpan now, BalancerSettings settings)
    {
        if (domain.Report is { } report && report.ReceivedAt != heardAt)
        {
            heardAt = report.ReceivedAt;
            if (isPlausible = Plausibility.Holds(report, domain)) TakeIn(domain, report, balloon, settings.Probing);
        }

        ReportVerdict verdict = domain.Intake == ReportIntake.Unreadable ? ReportVerdict.Implausible
            : heardAt is not { } heard ? ReportVerdict.Silent
            : !isPlausible ? ReportVerdict.Implausible
            : now - heard > Patience(domain.Report?.Source, settings.StaleAfter) ? ReportVerdict.Stale
            : domain.Intake == ReportIntake.Flooding ? ReportVerdict.Flooding
            : ReportVerdict.Fresh;
        var unheard = new DomainDemand(verdict, domain.Actual, domain.Actual, domain.Actual, Starved: false);
        return unheard.IsHeard ? Judge(verdict, domain.Actual, settings) : unheard;
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
        TakeGrowth(report.Used, since);
        fastHot = Fall(fastHot, used, since, FastFall);
        slowHot = Fall(slowHot, used, since, SlowFall);
        peak = Fall(peak, used, since, PeakFall);
        if (since != TimeSpan.MaxValue) longestInterval = since > longestInterval ? since : longestInterval - ((longestInterval - since) * IntervalFall);
        (reportAt, interval, lastUsed) = (report.ReceivedAt, since, report.Used);
        probe.Take(domain.Actual, report, probing && strain < DomainDemand.LeastStrain);

        bool starved = available < KiB.Max(LeastMargin, domain.Actual.Times(StarvedPart)) && probe.Taken == KiB.Zero;
        if (starved || strain >= DomainDemand.LeastStrain) hunger.Hungry(domain.Actual, strain > 0 ? KiB.Min(domain.Actual, report.Vitals?.SwapUsed ?? KiB.Zero) : KiB.Zero, hidden: !starved);
        else if (strain >= DomainDemand.FirstStrain) hunger.Uneasy(domain.Actual);
        else hunger.Well(domain.Actual, used, since);
    }

    /// <summary>A kernel started anew in the same domain: what the one before used, and counted, says nothing of it.</summary>
    private void Forget()
    {
        (gauge, hunger, probe) = (new StrainGauge(), new HungerMeter(), new WorkingSetProbe());
        (reportAt, overhead, fastHot, slowHot, peak) = (null, null, KiB.Zero, KiB.Zero, KiB.Zero);
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
    /// One jump is no growth: only what two reports in a row show is expected to go on. Without swap there is no second chance, and what is seen once counts.
    /// </summary>
    private void TakeGrowth(KiB used, TimeSpan since)
    {
        if (since > LongestInterval || since <= TimeSpan.Zero)
        {
            (growthPerSecond, lastRate) = (0, 0);
            return;
        }

        double rate = Math.Max(0, (used - lastUsed).Value / since.TotalSeconds);
        double confirmed = IsSwapless ? rate : Math.Min(rate, lastRate);
        growthPerSecond = confirmed >= growthPerSecond ? confirmed : confirmed + ((growthPerSecond - confirmed) * Math.Exp(-since / GrowthFall));
        lastRate = rate;
    }

    private static KiB Fall(KiB before, KiB now, TimeSpan since, TimeSpan timeConstant)
    {
        if (now >= before || since == TimeSpan.MaxValue) return now;
        return now + (before - now).Times(Math.Exp(-since / timeConstant));
    }

    private static KiB WithMargin(KiB used) => used + KiB.Max(LeastMargin, used.Times(MarginPart));

    private DomainDemand Judge(ReportVerdict verdict, KiB actual, BalancerSettings settings)
    {
        bool starved = hunger.Goal > KiB.Zero;
        KiB hot = KiB.Max(fastHot, slowHot) - probe.Taken;
        double unseen = (Math.Max(interval.TotalSeconds, LeastUnseen.TotalSeconds) * (IsSwapless ? 2 : 1)) + Actuation.TotalSeconds;
        KiB coming = growthPerSecond == 0 ? KiB.Zero : KiB.Min(hot, new KiB((long)(growthPerSecond * unseen)));
        KiB headroom = KiB.Max(LeastMargin, KiB.Max(coming, hot.Times(settings.Headroom)));
        KiB floor = WithMargin(fastHot) - probe.Taken;
        if (starved) floor = KiB.Max(floor, actual);

        // What does not fit kills a guest without swap, so what it grows by is as much a need as what it has.
        KiB need = KiB.Max(IsSwapless ? floor + coming : floor, hunger.Goal);
        return new DomainDemand(verdict, hot, KiB.Max(KiB.Max(hot + headroom, KiB.Max(WithMargin(peak), hunger.Eased)), need), floor, starved, strain) { Need = need, Probe = probe.Allowance };
    }
}
