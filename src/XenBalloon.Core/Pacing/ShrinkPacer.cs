using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// How fast may a domain give up what it should not have? Each step down rests on a report that arrived after the step before, from a balloon that has
/// arrived, and never goes below the floor that the report shows.
/// </summary>
internal static class ShrinkPacer
{
    /// <summary>Without need: 5 % of its memory in 10 s, or an eighth of the way in 5 s, whichever is more (Linux selfballoon's hysteresis: 8).</summary>
    private const double GentlePart = 0.05, GentleGapPart = 0.125;

    /// <summary>With need elsewhere: half of the way with each report, so that an error in a report costs half of what it might.</summary>
    private const double UrgentGapPart = 0.5;

    private static readonly TimeSpan GentlePartTime = TimeSpan.FromSeconds(10), GentleGapTime = TimeSpan.FromSeconds(5);

    private static readonly KiB LeastUrgentStep = KiB.FromMiB(16), LeastLeft = KiB.FromMiB(16);

    /// <summary>A report wakes the loop, so the one that a step waits for is taken at once; an older one tells of another time.</summary>
    private static readonly TimeSpan OldestBasis = TimeSpan.FromSeconds(5);

    /// <summary>Decides the step down of a participant that holds more than it is entitled to; sets its next target and its verdict.</summary>
    /// <param name="part">The domain.</param>
    /// <param name="urgent">Whether some other domain lacks memory.</param>
    /// <param name="now">The snapshot's time.</param>
    internal static void Pace(DomainCase part, bool urgent, TimeSpan now)
    {
        KiB lowest = KiB.Max(part.Entitlement.CeilingToPage(), part.LowestTarget);
        KiB gap = part.Target - lowest;
        if (gap < part.DeadBand)
        {
            if (part.Target - part.Entitlement >= part.DeadBand) part.Verdict = ReasonKind.InUse;
            return;
        }

        // What was given without need is not asked back without need right away.
        if (!urgent && Turning.IsTooSoon(part.Balloon.GrewAt, now)) return;

        KiB step = urgent ? KiB.Max(LeastUrgentStep, gap.Times(UrgentGapPart)) : GentleStep(part, gap, now);
        step = KiB.Min(step, KiB.Min(gap, MayLeave(part)));
        bool worthIt = step >= KiB.Min(part.DeadBand, part.Target.Times(GentlePart));
        if (part.Domain.Report is not { } report || !IsBasis(report, part.Balloon, now) || !worthIt)
        {
            part.Verdict = ReasonKind.Settling;
            return;
        }

        part.Next = (part.Target - step).CeilingToPage();
        part.Verdict = ReasonKind.Shrinking;
        part.Balloon = part.Balloon with { ShrunkAt = now, ShrunkOnReport = report.ReceivedAt };
    }

    /// <summary>
    /// What a report allows now must be what the guest is now: it has just arrived, after the balloon came to rest, and no step has been taken on it.
    /// </summary>
    private static bool IsBasis(GuestReport report, BalloonState balloon, TimeSpan now) =>
        now - report.ReceivedAt <= OldestBasis && report.ReceivedAt >= balloon.RestingSince && report.ReceivedAt != balloon.ShrunkOnReport;

    /// <summary>Whatever else was worked out: no more than what the guest itself says it can do without, less a margin.</summary>
    private static KiB MayLeave(DomainCase part) =>
        part.Domain.Report?.Available is { } available ? KiB.Max(KiB.Zero, available - LeastLeft) : part.Target;

    private static KiB GentleStep(DomainCase part, KiB gap, TimeSpan now)
    {
        // Time that has passed since the last step earns the next one, up to one full period: no debt is saved up over hours.
        TimeSpan since = now - (part.Balloon.ShrunkAt ?? part.Before.FirstSeen);
        if (since > GentlePartTime) since = GentlePartTime;
        return KiB.Max(part.Target.Times(GentlePart * (since / GentlePartTime)), gap.Times(Math.Min(1, GentleGapPart * (since / GentleGapTime))));
    }
}
