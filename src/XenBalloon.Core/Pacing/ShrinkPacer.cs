using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// How fast may a domain give up what it should not have? Each step down rests on a report that arrived after the step before, from a balloon that has
/// arrived, and never goes below the floor that the report shows.
/// </summary>
internal static class ShrinkPacer
{
    /// <summary>A step is worth a write where it is this part of a domain's memory, however small that is.</summary>
    private const double WorthwhilePart = 0.05;

    /// <summary>
    /// With need elsewhere: half of the way with each report, or half of what the guest has available, whichever is more, so that an error in a report
    /// costs half of what it might.
    /// </summary>
    private const double UrgentGapPart = 0.5, UrgentAvailablePart = 0.5;

    /// <summary>What is in use is taken back to a domain's share no faster than this: a disk swaps 10 MiB of each GiB in that time without noticing.</summary>
    private const double PressedPart = 0.02;

    /// <summary>A disk does not mind whose pages it writes: as much as of 800 MiB goes from a smaller domain too, but no more than this part of it.</summary>
    private const double MostPressedPart = 0.03;

    private const double OldAvailablePart = 0.5;

    private static readonly KiB LeastPressed = KiB.FromMiB(8);

    private static readonly TimeSpan PressedTime = TimeSpan.FromSeconds(2);

    /// <summary>One that waits for memory already is pressed more slowly: its share is others' all the same.</summary>
    private static readonly TimeSpan PressedInPainTime = TimeSpan.FromSeconds(3);

    /// <summary>One that cannot be heard, and so may be in pain, is pressed this slowly.</summary>
    private static readonly TimeSpan PressedUnheardTime = TimeSpan.FromSeconds(6);

    /// <summary>
    /// From a domain that writes what cannot be believed, this much of what it held when it was last heard goes back as fast as from one that is heard. What
    /// it feels of that is not known, so the rest goes as slowly as from one that says nothing.
    /// </summary>
    private const double BlindPart = 0.125;

    /// <summary>An agent that is asked answers within a tenth of a second. One that does not within this time may be in pain, or not want to be heard.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    /// <summary>Without need, a long way is gone faster: an eighth of it in 5 s (Linux selfballoon's hysteresis: 8).</summary>
    private const double GapPart = 0.25;

    private static readonly TimeSpan PaceTime = TimeSpan.FromSeconds(10);

    private static readonly KiB LeastUrgentStep = KiB.FromMiB(16);

    /// <summary>A report wakes the loop, so the one that a step waits for is taken at once; an older one tells of another time.</summary>
    private static readonly TimeSpan OldestBasis = TimeSpan.FromSeconds(5);

    /// <summary>A domain that waited for memory is left what it has for a while.</summary>
    private static readonly TimeSpan CoolDown = TimeSpan.FromSeconds(30);

    /// <summary>The same while another lacks memory: what it has available by now is no use to it.</summary>
    private static readonly TimeSpan CoolDownInNeed = TimeSpan.FromSeconds(4);

    /// <summary>A way that was begun is gone to its end unless it was left for longer than this.</summary>
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(15);

    /// <summary>Decides the step down of a participant that holds more than it is entitled to; sets its goal and its verdict.</summary>
    /// <param name="part">The domain.</param>
    /// <param name="pressure">How urgently memory must move.</param>
    /// <param name="pace">Without need, the part of its memory that it gives up in 10 s.</param>
    /// <param name="isMissed">Whether another has less than it used lately and is entitled to.</param>
    /// <param name="now">The snapshot's time.</param>
    internal static void Pace(DomainCase part, HostPressure pressure, double pace, bool isMissed, TimeSpan now)
    {
        KiB lowest = KiB.Max(part.DownTo.CeilingToPage(), part.Rules.Hold(SafetyRule.FloorHolds) ? part.LowestTarget : KiB.Zero);
        KiB gap = part.Target - lowest;
        bool urgent = pressure != HostPressure.None;
        if (gap < part.DeadBand)
        {
            if (part.Target - part.Entitlement >= part.DeadBand) part.Verdict = ReasonKind.InUse;
            return;
        }

        // What was given is not asked back without need right away, unless another misses it that used it lately, and
        // this one did not.
        bool begun = now - part.Balloon.ShrunkAt <= OnTheWay;
        if (!urgent && Turning.IsTooSoon(part.Balloon.GrewAt, now))
        {
            if (!isMissed) return;
            lowest = KiB.Max(lowest, part.Demand.Kept.CeilingToPage());
            gap = part.Target - lowest;
        }

        if (gap < part.DeadBand || (!urgent && !begun && gap < part.StartBand)) return;
        if (pressure != HostPressure.Low && now - part.Estimator.LastStallAt < (pressure == HostPressure.Demand ? CoolDownInNeed : CoolDown) && part.Rules.Hold(SafetyRule.PainIsSpared))
        {
            part.Verdict = ReasonKind.Recovering;
            return;
        }

        KiB step = pressure switch
        {
            HostPressure.Low => gap,
            _ when urgent && part.DownTo >= part.Need => gap,
            HostPressure.None => GentleStep(part, gap, pace, now),
            _ => KiB.Max(LeastUrgentStep, KiB.Max(gap.Times(UrgentGapPart), MayLeave(part).Times(UrgentAvailablePart))),
        };
        Take(part, KiB.Min(step, KiB.Min(gap, MayLeave(part))), isNeeded: pressure is HostPressure.Demand or HostPressure.Low, now);
    }

    /// <summary>
    /// Takes a little of what a domain uses beyond its guaranteed share, for others that lack theirs: only where the
    /// guest itself says that it has swap for it. Where it has none, taking could kill it, and it keeps what it has,
    /// unless its balloon shows that it has more left than it says. Falling silent makes nothing its own that was lent
    /// to it, and neither does speaking seldom.
    /// </summary>
    /// <param name="part">A domain that <see cref="Pace"/> found to use all that it has.</param>
    /// <param name="now">The snapshot's time.</param>
    internal static void Press(DomainCase part, TimeSpan now)
    {
        bool mute = IsMute(part, now), unheard = mute || !part.Demand.IsReported;
        bool keepsBoot = unheard || (part.SwapHeadroom is null && part.Settings.Swap is null);
        KiB own = KiB.Max(KiB.Max(part.Guaranteed, part.Entitlement), keepsBoot ? part.BootMemory ?? part.Target : KiB.Zero);
        KiB worth = KiB.Max(part.Target.Times(PressedPart), KiB.Min(LeastPressed, part.Target.Times(MostPressedPart)));
        KiB step = KiB.Min(worth.FloorToPage(), part.Target - own);
        if (step < KiB.Page) return;
        bool swaps = !part.IsSwapless && !(part.SwapHeadroom - part.TakenSinceHeard < step);
        if (!swaps && part.Rules.Hold(SafetyRule.SwapBeforePressing))
        {
            Check(part, part.IsSwapless ? KiB.Max(own, part.BootMemory ?? part.Target) : own, worth.FloorToPage(), now);
            return;
        }

        if (!unheard && IsOld(part, now)) part.Ask(now);
        bool blindly = mute || (unheard && (part.Estimator.IsStalled || IsMoreThanBlindPart(part, step)));
        TimeSpan time = blindly ? PressedUnheardTime : part.Estimator.IsStalled ? PressedInPainTime : PressedTime;
        bool mayMove = unheard || part.Estimator.ReportsSeldom ? part.Balloon.IsResting : IsBasis(part, now);
        if (mayMove && !(now - part.Balloon.ShrunkAt < time)) Lower(part, step, ReasonKind.Pressed, now);
    }

    /// <summary>Puts the target of a domain back that was asked for memory and gave none.</summary>
    internal static void PutBack(DomainCase one)
    {
        // To a domain that is left alone nothing is written, so nothing may be said to be.
        if (one.LeftOut is not (null or ReasonKind.Stuck or ReasonKind.Silent) || one.Settings.Pin is not null) return;
        if (one.Distress.PutBack is not { } target || target <= one.Goal) return;
        (one.Goal, one.Verdict) = (target, ReasonKind.PutBack);
    }

    /// <summary>Asks a domain for memory that says that nothing is left in it.</summary>
    private static void Check(DomainCase part, KiB own, KiB first, TimeSpan now)
    {
        if (part.Settings.Swap == false || now - part.Balloon.ShrunkAt < DistressCheck.Answer) return;
        if (IsOld(part, now)) part.Ask(now);
        KiB step = part.Distress.Step(part, own, first, now);
        if (step == KiB.Zero || !IsBasis(part, now)) return;
        Lower(part, step, ReasonKind.Pressed, now);
        part.Distress.OnAsked(part, part.Goal);
    }

    /// <summary>Whether nothing is to be heard from it: it fell silent, or does not answer.</summary>
    private static bool IsMute(DomainCase part, TimeSpan now) =>
        part.Demand.Verdict is ReportVerdict.Silent or ReportVerdict.Stale || now - part.UnansweredSince >= LongestAnswer;

    private static bool IsMoreThanBlindPart(DomainCase part, KiB step) =>
        part.TakenSinceHeard + step > (part.Target + part.TakenSinceHeard).Times(BlindPart);

    private static void Take(DomainCase part, KiB step, bool isNeeded, TimeSpan now)
    {
        if (isNeeded && part.Estimator.ReportsSeldom && !IsBasis(part, now)) step = KiB.Min(step, MayLeaveUnheard(part));
        else isNeeded = false;
        bool worthIt = step >= KiB.Min(part.DeadBand, part.Target.Times(WorthwhilePart)) || (part.Demand.Probe > KiB.Zero && step > KiB.Zero);
        if (worthIt && (isNeeded ? part.Balloon.IsResting : IsBasis(part, now))) Lower(part, step, ReasonKind.Shrinking, now);
        else Await(part, worthIt, now);
    }

    /// <summary>
    /// Of what a guest that reports seldom called available, half is taken on that word, however old it is, where
    /// another lacks memory: it would have to wait a minute for the next.
    /// </summary>
    private static KiB MayLeaveUnheard(DomainCase part) =>
        part.Estimator.AvailableWhenHeard.Times(OldAvailablePart) - part.TakenSinceHeard;

    /// <summary>
    /// The next report decides. Our agent speaks seldom while nothing changes in its guest, but answers when asked: memory that idles need not wait for its
    /// next word.
    /// </summary>
    private static void Await(DomainCase part, bool worthIt, TimeSpan now)
    {
        part.Verdict = ReasonKind.Settling;
        if (worthIt && IsOld(part, now)) part.Ask(now);
    }

    /// <summary>Whether its last word is too old to act on and there is somebody to ask for another.</summary>
    private static bool IsOld(DomainCase part, TimeSpan now) =>
        part.Domain.Report is { Source: ReportSource.Agent } report && now - report.ReceivedAt > OldestBasis;

    private static void Lower(DomainCase part, KiB step, ReasonKind why, TimeSpan now)
    {
        part.Goal = (part.Target - step).CeilingToPage();
        part.Verdict = why;
        part.Balloon.OnShrunk(part.Domain.Report?.ReceivedAt, now);
    }

    /// <summary>
    /// What a report allows now must be what the guest is now: it has just arrived, after the balloon came to rest, and no step has been taken on it.
    /// </summary>
    private static bool IsBasis(DomainCase part, TimeSpan now) =>
        part.Domain.Report is { } report
        && (now - report.ReceivedAt <= OldestBasis || !part.Rules.Hold(SafetyRule.ReportIsYoung))
        && ((report.ReceivedAt >= part.Balloon.RestingSince && report.ReceivedAt != part.Balloon.ShrunkOnReport) || !part.Rules.Hold(SafetyRule.StepByStep));

    /// <summary>Whatever else was worked out: no more than what the guest itself says it can do without, less a margin, and the next step of a probe.</summary>
    private static KiB MayLeave(DomainCase part)
    {
        if (part.Domain.Report?.Available is not { } available || !part.Rules.Hold(SafetyRule.AvailableBounds)) return part.Target;
        KiB left = part.Demand.StallFraction is null ? DemandEstimator.LeastBlindMargin : DemandEstimator.LeastMargin;
        return KiB.Max(part.Demand.Probe, available - left);
    }

    private static KiB GentleStep(DomainCase part, KiB gap, double pace, TimeSpan now)
    {
        // Time that has passed since the last step earns the next one, up to one full period: no debt is saved up over hours.
        TimeSpan since = now - (part.Balloon.ShrunkAt ?? part.FirstSeen);
        double periods = since < PaceTime ? since / PaceTime : 1;
        return KiB.Max(part.Target.Times(pace * periods), pace > 0 ? gap.Times(GapPart * periods) : KiB.Zero);
    }
}
