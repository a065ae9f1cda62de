using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Decides how fast a domain gives up memory that it should not have. Each step down rests on a report that arrived
/// after the previous step, from a balloon that is at rest, and never goes below the floor that the report shows.
/// </summary>
internal static class ShrinkPacer
{
    /// <summary>A step of this fraction of a domain's target is worth a write, however small it is.</summary>
    private const double WorthwhileFraction = 0.05;

    /// <summary>
    /// While another domain needs memory, each report allows half of the gap, or half of the guest's available memory,
    /// whichever is more: so an error in a report costs half of what it might.
    /// </summary>
    private const double UrgentGapFraction = 0.5, UrgentAvailableFraction = 0.5;

    private static readonly KiB MinUrgentStep = KiB.FromMiB(16);

    /// <summary>
    /// A domain is pressed to its share no faster than this fraction every <see cref="PressPeriod"/>: a disk writes
    /// 10 MiB of each GiB per second without effort.
    /// </summary>
    private const double PressFraction = 0.02;

    /// <summary>
    /// The disk does not depend on the domain's size, so a small domain is pressed as fast as one of 800 MiB, but by no
    /// more than this fraction.
    /// </summary>
    private const double LargestPressFraction = 0.03;

    private static readonly KiB MinPress = KiB.FromMiB(8);

    private static readonly TimeSpan PressPeriod = TimeSpan.FromSeconds(2);

    /// <summary>A domain that stalls already is pressed more slowly: its excess still belongs to others.</summary>
    private static readonly TimeSpan PressPeriodWhileStalled = TimeSpan.FromSeconds(3);

    /// <summary>A domain that does not report may be stalled, so it is pressed most slowly.</summary>
    private static readonly TimeSpan PressPeriodUnreported = TimeSpan.FromSeconds(6);

    /// <summary>
    /// A domain whose reports are not believed gives up this fraction of what it held at its last report as fast as one
    /// that reports. The effect is unknown, so it gives up the rest as slowly as a silent one.
    /// </summary>
    private const double BlindFraction = 0.125;

    /// <summary>
    /// An agent answers a request within a tenth of a second. A guest that does not answer within this time may be
    /// stalled, or may hide its use.
    /// </summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    /// <summary>Half of the available memory in an old report of a guest that reports rarely may be taken.</summary>
    private const double OldAvailableFraction = 0.5;

    /// <summary>
    /// Without need, a wide gap shrinks faster: an eighth in 5 s (Linux selfballoon's hysteresis: 8).
    /// </summary>
    private const double GapFraction = 0.25;

    private static readonly TimeSpan PacePeriod = TimeSpan.FromSeconds(10);

    /// <summary>A report wakes the balancer, so a step can rest on a new report; an older one is out of date.</summary>
    private static readonly TimeSpan OldestBasis = TimeSpan.FromSeconds(5);

    /// <summary>A domain that stalled on memory keeps what it has for this time.</summary>
    private static readonly TimeSpan StallCoolDown = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The same while another domain lacks memory: memory that is available after this time is of no use to the domain.
    /// </summary>
    private static readonly TimeSpan StallCoolDownInNeed = TimeSpan.FromSeconds(4);

    /// <summary>A move that was started is finished, unless it paused for longer than this.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Without need, a domain that grew does not shrink again within this time: moving spare memory to and fro is of no
    /// use. Need does not wait.
    /// </summary>
    private static readonly TimeSpan ReversalDelay = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Decides the step down of a domain that has more than it should: sets its new target and reason.
    /// </summary>
    /// <param name="domain">The domain.</param>
    /// <param name="pressure">How urgently memory must move.</param>
    /// <param name="pace">The fraction of its memory that it gives up in 10 s without need.</param>
    /// <param name="isMissed">Whether another domain has less than it used recently and is entitled to.</param>
    /// <param name="now">The snapshot's time.</param>
    internal static void Pace(DomainPass domain, HostPressure pressure, double pace, bool isMissed, TimeSpan now)
    {
        KiB floor = domain.Rules.Hold(SafetyRule.FloorHolds) ? domain.LowestTarget : KiB.Zero;
        KiB lowest = KiB.Max(domain.ShrinkTo.CeilingToPage(), floor);
        KiB gap = domain.Target - lowest;

        // A pin is an operator's decision: neither the pace nor an earlier growth delays it.
        bool urgent = pressure != HostPressure.None || domain.Settings.Pin is not null;
        if (gap < domain.DeadBand)
        {
            if (domain.Target - domain.Entitlement >= domain.DeadBand) domain.ReasonKind = ReasonKind.InUse;
            return;
        }

        // Memory that was granted a short time ago is not taken back without need, unless another domain used it
        // recently and misses it, and this one did not use it.
        bool started = now - domain.Balloon.ShrunkAt <= LongestPause;
        if (!urgent && now - domain.Balloon.GrewAt < ReversalDelay)
        {
            if (!isMissed) return;
            lowest = KiB.Max(lowest, domain.Demand.Kept.CeilingToPage());
            gap = domain.Target - lowest;
        }

        if (gap < domain.DeadBand || (!urgent && !started && gap < domain.StartBand)) return;
        if (IsRecovering(domain, pressure, now))
        {
            domain.ReasonKind = ReasonKind.Recovering;
            return;
        }

        // A PV shim does not follow a step that is smaller than what it keeps.
        KiB mayGive = MayGive(domain);
        KiB telling = KiB.Min(
            domain.Balloon.TellingStep ?? KiB.Zero, domain.Target - KiB.Max(floor, domain.Need.CeilingToPage()));
        gap = KiB.Max(gap, telling);
        KiB step = pressure switch
        {
            HostPressure.Low => gap,
            _ when urgent && domain.ShrinkTo >= domain.Need => gap,
            HostPressure.None => GentleStep(domain, gap, pace, now),
            _ => KiB.Max(
                MinUrgentStep, KiB.Max(gap.Times(UrgentGapFraction), mayGive.Times(UrgentAvailableFraction))),
        };
        bool isNeeded = pressure is HostPressure.Demand or HostPressure.Low;
        Take(domain, KiB.Min(KiB.Max(step, telling), KiB.Min(gap, mayGive)), isNeeded, now);
    }

    /// <summary>
    /// Takes a little of what a domain uses beyond its guaranteed share, for others that lack theirs. Only if the guest
    /// reports swap for it: without swap this could kill it, so it keeps what it has, unless its balloon shows that it
    /// has more left than it reports. Memory that was lent to a guest does not become its own if it falls silent or
    /// reports rarely.
    /// </summary>
    /// <param name="domain">A domain that <see cref="Pace"/> found to use all that it has.</param>
    /// <param name="now">The snapshot's time.</param>
    internal static void Press(DomainPass domain, TimeSpan now)
    {
        bool isUnresponsive = IsUnresponsive(domain, now), isUnreported = isUnresponsive || !domain.Demand.IsReported;
        KiB boot = domain.BootMemory ?? domain.Target;
        bool keepsBoot = isUnreported || (domain.SwapHeadroom is null && domain.Settings.Swap is null);
        KiB own = KiB.Max(KiB.Max(domain.Guaranteed, domain.Entitlement), keepsBoot ? boot : KiB.Zero);
        KiB least = KiB.Min(MinPress, domain.Target.Times(LargestPressFraction));
        KiB worthwhile = KiB.Max(domain.Target.Times(PressFraction), least).FloorToPage();
        KiB step = KiB.Min(worthwhile, domain.Target - own);
        if (step < KiB.Page) return;
        bool canSwap = !domain.IsSwapless && !(domain.SwapHeadroom - domain.TakenSinceReport < step);
        if (!canSwap && domain.Rules.Hold(SafetyRule.SwapBeforePressing))
        {
            CheckExhaustion(domain, domain.IsSwapless ? KiB.Max(own, boot) : own, worthwhile, now);
            return;
        }

        if (!isUnreported && IsOld(domain, now)) domain.RequestReport(now);
        bool isStalled = domain.Estimator.IsStalled;
        bool isBlind = isUnresponsive || (isUnreported && (isStalled || ExceedsBlindFraction(domain, step)));
        TimeSpan period = isBlind ? PressPeriodUnreported : isStalled ? PressPeriodWhileStalled : PressPeriod;
        bool mayMove = isUnreported || domain.Estimator.ReportsRarely
            ? domain.Balloon.IsResting
            : HasBasis(domain, now);
        if (mayMove && !(now - domain.Balloon.ShrunkAt < period)) Lower(domain, step, ReasonKind.Pressed, now);
    }

    /// <summary>Puts back the target of a domain whose target was lowered and that gave no memory.</summary>
    internal static void PutBack(DomainPass domain)
    {
        // Nothing is written to a domain that is left alone, so its decision must not change either.
        bool mayWrite = domain.ExclusionReason is null or ReasonKind.Stuck or ReasonKind.Silent;
        if (!mayWrite || domain.Settings.Pin is not null) return;
        if (domain.History.Exhaustion.PutBack is not { } target || target <= domain.NewTarget) return;
        (domain.NewTarget, domain.ReasonKind) = (target, ReasonKind.PutBack);
    }

    /// <summary>Tells a domain to give memory although it reports that it has none left.</summary>
    private static void CheckExhaustion(DomainPass domain, KiB own, KiB first, TimeSpan now)
    {
        bool isTooSoon = now - domain.Balloon.ShrunkAt < ExhaustionCheck.AnswerTime;
        if (domain.Settings.Swap == false || isTooSoon) return;
        if (IsOld(domain, now)) domain.RequestReport(now);
        KiB step = domain.History.Exhaustion.NextStep(domain, own, first, now);
        if (step == KiB.Zero || !HasBasis(domain, now)) return;
        Lower(domain, step, ReasonKind.Pressed, now);
        domain.History.Exhaustion.OnStep(domain, domain.NewTarget);
    }

    private static bool IsRecovering(DomainPass domain, HostPressure pressure, TimeSpan now)
    {
        if (pressure == HostPressure.Low || !domain.Rules.Hold(SafetyRule.StalledIsSpared)) return false;
        TimeSpan coolDown = pressure == HostPressure.Demand ? StallCoolDownInNeed : StallCoolDown;
        return now - domain.Estimator.LastStallAt < coolDown;
    }

    /// <summary>Whether the domain fell silent or does not answer requests.</summary>
    private static bool IsUnresponsive(DomainPass domain, TimeSpan now) =>
        domain.Demand.Verdict is ReportVerdict.Silent or ReportVerdict.Stale
        || now - domain.History.Requests.UnansweredSince >= LongestAnswer;

    private static bool ExceedsBlindFraction(DomainPass domain, KiB step) =>
        domain.TakenSinceReport + step > (domain.Target + domain.TakenSinceReport).Times(BlindFraction);

    private static void Take(DomainPass domain, KiB step, bool isNeeded, TimeSpan now)
    {
        bool usesOldReport = isNeeded && domain.Estimator.ReportsRarely && !HasBasis(domain, now);
        if (usesOldReport) step = KiB.Min(step, MayGiveByOldReport(domain));
        bool isWorthwhile = step >= KiB.Min(domain.DeadBand, domain.Target.Times(WorthwhileFraction))
            || (domain.Demand.Probe > KiB.Zero && step > KiB.Zero);
        bool mayMove = usesOldReport ? domain.Balloon.IsResting : HasBasis(domain, now);
        if (isWorthwhile && mayMove) Lower(domain, step, ReasonKind.Shrinking, now);
        else AwaitReport(domain, isWorthwhile, now);
    }

    /// <summary>
    /// While another domain lacks memory, half of the available memory in the last report of a guest that reports
    /// rarely is taken, however old the report is: the next one may take a minute.
    /// </summary>
    private static KiB MayGiveByOldReport(DomainPass domain) =>
        domain.Estimator.AvailableAtReport.Times(OldAvailableFraction) - domain.TakenSinceReport;

    /// <summary>
    /// Waits for the next report. Our agent reports rarely while nothing changes, but answers requests, so idle memory
    /// need not wait for its heartbeat.
    /// </summary>
    private static void AwaitReport(DomainPass domain, bool isWorthwhile, TimeSpan now)
    {
        domain.ReasonKind = ReasonKind.Settling;
        if (isWorthwhile && IsOld(domain, now)) domain.RequestReport(now);
    }

    /// <summary>Whether the last report is too old to act on and an agent can be asked for another.</summary>
    private static bool IsOld(DomainPass domain, TimeSpan now) =>
        domain.Snapshot.Report is { Source: ReportSource.Agent } report && now - report.ReceivedAt > OldestBasis;

    private static void Lower(DomainPass domain, KiB step, ReasonKind reason, TimeSpan now)
    {
        domain.NewTarget = (domain.Target - step).CeilingToPage();
        domain.ReasonKind = reason;
        domain.Balloon.OnShrunk(domain.Snapshot.Report?.ReceivedAt, now);
    }

    /// <summary>
    /// Whether the last report shows the guest as it is now: it has just arrived, after the balloon came to rest, and
    /// no step was taken on it.
    /// </summary>
    private static bool HasBasis(DomainPass domain, TimeSpan now)
    {
        if (domain.Snapshot.Report is not { } report) return false;
        bool isYoung = now - report.ReceivedAt <= OldestBasis;
        if (!isYoung && domain.Rules.Hold(SafetyRule.ReportIsYoung)) return false;
        bool isUnused = report.ReceivedAt >= domain.Balloon.RestingSince
            && report.ReceivedAt != domain.Balloon.ShrunkOnReport;
        return isUnused || !domain.Rules.Hold(SafetyRule.StepByStep);
    }

    /// <summary>
    /// The most that a step may take: the available memory in the guest's own report, minus a margin, and the next step
    /// of a probe.
    /// </summary>
    private static KiB MayGive(DomainPass domain)
    {
        bool isBound = domain.Rules.Hold(SafetyRule.AvailableBounds);
        if (!isBound || domain.Snapshot.Report?.Available is not { } available) return domain.Target;
        KiB margin = domain.Demand.StallFraction is null
            ? DemandEstimator.MinBlindMargin
            : DemandEstimator.MinMargin;
        return KiB.Max(domain.Demand.Probe, available - margin);
    }

    private static KiB GentleStep(DomainPass domain, KiB gap, double pace, TimeSpan now)
    {
        // The step grows with the time since the last one, up to one period: no debt accumulates over hours.
        TimeSpan since = now - (domain.Balloon.ShrunkAt ?? domain.History.FirstSeen);
        double periods = since < PacePeriod ? since / PacePeriod : 1;
        KiB ofGap = pace > 0 ? gap.Times(GapFraction * periods) : KiB.Zero;
        return KiB.Max(domain.Target.Times(pace * periods), ofGap);
    }
}
