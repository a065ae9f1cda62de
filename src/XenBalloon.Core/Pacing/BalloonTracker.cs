using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>Is it answering, and how fast? Watches one domain's actual size follow its target, and remembers which steps were decided.</summary>
internal sealed class BalloonTracker
{
    /// <summary>Closer to its target than this, a domain has arrived: grants and foreign maps move a few MiB.</summary>
    private static readonly KiB Arrived = KiB.FromMiB(2);

    /// <summary>A rest further off than this is no constant of the guest but a balloon that gave up.</summary>
    private static readonly KiB GreatestOffset = KiB.FromMiB(16);

    /// <summary>
    /// The same while nobody has changed its target yet, as a part of that: so much is what it was built with. A PV
    /// guest in a shim rests some 68 MiB above its target.
    /// </summary>
    private const double GreatestOffsetPart = 0.125;

    /// <summary>How long both must be still before their difference is taken for the offset.</summary>
    private static readonly TimeSpan StillForOffset = TimeSpan.FromSeconds(10);

    /// <summary>The Linux driver backs off 2, 4 and 8 s and then gives up until its target changes: no movement for longer than that is an answer.</summary>
    private static readonly TimeSpan StillForStuck = TimeSpan.FromSeconds(20);

    /// <summary>What is this slow for this long, with more than this before it, holds others up: the driver's first back-off is shorter.</summary>
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(3), SlowEta = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPeace = TimeSpan.FromMinutes(1), LongestPeace = TimeSpan.FromHours(1);

    private readonly BalloonSpeed speed = new();
    private bool seen;
    private bool hasMoved;
    private KiB? target;
    private KiB actual;
    private KiB maxMem;
    private TimeSpan stillSince;
    private TimeSpan stuckFor;
    private KiB? builtWith;
    private bool wasRetargeted;

    /// <summary>actual − target at rest: a constant of the guest and its kind (video memory, special pages), measured, never assumed.</summary>
    internal KiB Offset { get; private set; }

    /// <summary>Whether <see cref="Offset"/> was measured; until then it is what its kind suggests.</summary>
    internal bool IsOffsetMeasured { get; private set; }

    /// <summary>Since when neither target nor actual has moved.</summary>
    internal TimeSpan StillSince => stillSince;

    /// <summary>Since when the cap, the target and what the domain holds have been what they are.</summary>
    internal TimeSpan CapStillSince { get; private set; }

    /// <summary>Since when the domain has been where its target wants it; null while it is not.</summary>
    internal TimeSpan? RestingSince { get; private set; }

    /// <summary>Whether the domain is where its target wants it.</summary>
    internal bool IsResting => RestingSince is not null;

    /// <summary>Whether it was ever seen to follow its target: only a driver that is up does.</summary>
    internal bool HasAnswered { get; private set; }

    /// <summary>Until when a balloon that did not answer is left in peace; null when it answers.</summary>
    internal TimeSpan? StuckUntil { get; private set; }

    /// <summary>Whether this look began a new time of peace, after an earlier one.</summary>
    internal bool IsStuckAnew { get; private set; }

    /// <summary>How the balloon answers.</summary>
    internal BalloonHealth Health { get; private set; }

    /// <summary>KiB that it moves in a second; null before it was seen moving.</summary>
    internal double? PerSecond => speed.PerSecond;

    /// <summary>When the last step down was decided; null before the first.</summary>
    internal TimeSpan? ShrunkAt { get; private set; }

    /// <summary>When the report arrived that the last step down rested on: one report carries one step.</summary>
    internal TimeSpan? ShrunkOnReport { get; private set; }

    /// <summary>When the last step up was decided; null before the first.</summary>
    internal TimeSpan? GrewAt { get; private set; }

    /// <summary>
    /// What the domain held when it failed to grow: a guest without memory hotplug cannot grow beyond what it booted
    /// with. It still gives, and is not asked to grow again before <see cref="StuckUntil"/>. Null while it has not failed,
    /// or has grown beyond it since.
    /// </summary>
    internal KiB? Ceiling { get; private set; }

    /// <summary>The target before the steps up that the balloon has not yet answered; null when it has answered all.</summary>
    internal KiB? GrewFrom { get; private set; }

    /// <summary>When the balloon will have arrived at its own speed; null at rest or when nothing is known of its speed.</summary>
    internal TimeSpan? Eta => !IsResting && target is { } goal && speed.PerSecond is > 0 and double perSecond
        ? TimeSpan.FromSeconds(Math.Min(Math.Abs((actual - goal - Offset).Value) / perSecond, TimeSpan.FromDays(1).TotalSeconds))
        : null;

    /// <summary>Takes one more look at the domain.</summary>
    /// <param name="domain">The domain now.</param>
    /// <param name="hurts">Whether it waits for memory: then it is not left in peace for longer than the first time, for it may answer again by now.</param>
    /// <param name="now">The snapshot's time.</param>
    internal void Observe(DomainSnapshot domain, bool hurts, TimeSpan now)
    {
        if (hurts && StuckUntil is { } until && now >= until - stuckFor + FirstPeace) StuckUntil = now;
        KiB step = domain.Actual - actual;
        bool isFirst = !seen, moved = isFirst || step != KiB.Zero, retargeted = domain.Target != target;
        if (target is null) Offset = domain.VideoRam;
        hasMoved = moved || (hasMoved && !retargeted);
        wasRetargeted |= retargeted && target is not null;
        if (moved || retargeted) stillSince = now;
        if (moved || retargeted || domain.MaxMem != maxMem) CapStillSince = now;
        if (retargeted)
        {
            RestingSince = null;
            speed.Begin(actual, now);
        }

        (seen, target, actual, maxMem, IsStuckAnew) = (true, domain.Target, domain.Actual, domain.MaxMem, false);
        if (actual > Ceiling + Arrived) (Ceiling, StuckUntil, stuckFor) = (null, null, TimeSpan.Zero);
        if (target is not { } goal) return;

        MeasureOffset(goal, domain.VideoRam, now);
        KiB distance = actual - goal - Offset;
        bool answered = moved && !isFirst && (!retargeted || step > Arrived || step < -Arrived);
        if (distance <= Arrived && distance >= -Arrived) Rest(answered, now);
        else Move(distance, now);
    }

    /// <summary>A step up was decided.</summary>
    internal void OnGrown(KiB from, TimeSpan now) => (GrewAt, GrewFrom) = (now, GrewFrom ?? from);

    /// <summary>A step down was decided.</summary>
    internal void OnShrunk(TimeSpan? onReport, TimeSpan now) => (ShrunkAt, ShrunkOnReport) = (now, onReport);

    /// <summary>
    /// Linux rests a small constant above its target whatever its video memory, Windows rests its video memory above it: both are seen for what they are. What
    /// has not moved since its target did is not at rest.
    /// </summary>
    private void MeasureOffset(KiB goal, KiB videoRam, TimeSpan now)
    {
        if (!hasMoved || now - stillSince < StillForOffset) return;
        KiB difference = actual - goal;
        if (!wasRetargeted && difference > KiB.Zero && difference <= goal.Times(GreatestOffsetPart)) builtWith = difference;
        if (difference >= -GreatestOffset && difference <= KiB.Max(videoRam, builtWith ?? KiB.Zero) + GreatestOffset) (Offset, IsOffsetMeasured) = (difference, true);
    }

    private void Rest(bool byMoving, TimeSpan now)
    {
        // A stuck balloon whose target was set to what it holds has arrived without answering: it stays in peace. One that came here by itself is well.
        bool answered = byMoving && !IsResting;
        if (answered)
        {
            HasAnswered = true;
            speed.Arrived(actual, now);
        }

        RestingSince ??= now;
        GrewFrom = null;
        if (now < StuckUntil && !answered && Ceiling is null)
        {
            Health = BalloonHealth.Stuck;
            return;
        }

        if (Ceiling is null) StuckUntil = null;
        if (answered && Ceiling is null) stuckFor = TimeSpan.Zero;
        if (Health != BalloonHealth.Slow || (answered && !IsSlow(speed.PerSecond))) Health = BalloonHealth.Cooperative;
    }

    private void Move(KiB distance, TimeSpan now)
    {
        RestingSince = null;
        if (now < StuckUntil)
        {
            Health = BalloonHealth.Stuck;
            return;
        }

        speed.OnTheWay(actual, now);
        if (now - stillSince >= StillForStuck)
        {
            IsStuckAnew = StuckUntil is not null;
            if (distance < KiB.Zero) Ceiling = actual;
            stuckFor = stuckFor == TimeSpan.Zero ? FirstPeace : TimeSpan.FromTicks(Math.Min(LongestPeace.Ticks, stuckFor.Ticks * 2));
            StuckUntil = now + stuckFor;
            Health = BalloonHealth.Stuck;
        }
        else if (speed.Lasted(now) >= SlowAfter && Eta > SlowEta && IsSlow(speed.PerSecond))
        {
            Health = BalloonHealth.Slow;
        }
    }

    /// <summary>A balloon that moves so little in a second makes whoever waits for it wait for hours: Linux's moves hundreds of MiB.</summary>
    private static bool IsSlow(double? perSecond) => perSecond < LeastUsefulPerSecond;

    private const double LeastUsefulPerSecond = 4 * 1024;
}
