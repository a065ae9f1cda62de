using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>How a domain's balloon answers.</summary>
public enum BalloonHealth
{
    /// <summary>No target was written yet.</summary>
    Unknown,

    /// <summary>It is at its target, or moving there.</summary>
    Cooperative,

    /// <summary>
    /// It moves too slowly to wait for: its target is changed by what it can move in a few seconds, and other domains
    /// give the rest.
    /// </summary>
    Slow,

    /// <summary>
    /// It has not moved towards its target for longer than the driver's own back-off (2, 4, 8 s) explains.
    /// </summary>
    Stuck,
}

/// <summary>Follows how a domain's size answers to its target, and records the steps that were decided.</summary>
internal sealed class BalloonTracker
{
    /// <summary>Within this distance a domain is at its target: grants and foreign maps move a few MiB.</summary>
    private static readonly KiB Tolerance = KiB.FromMiB(2);

    /// <summary>A larger difference at rest is not a constant offset but a balloon that gave up.</summary>
    private static readonly KiB LargestOffset = KiB.FromMiB(16);

    /// <summary>
    /// The same for the target that the domain was built with, as a fraction of it: a PV guest in a shim rests some
    /// 68 MiB above its target.
    /// </summary>
    private const double LargestInitialOffsetFraction = 0.125;

    /// <summary>How long size and target must be still before their difference counts as the offset.</summary>
    private static readonly TimeSpan StillForOffset = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The Linux driver backs off 2, 4 and 8 s and then gives up until its target changes, so a balloon that is still
    /// for longer is stuck.
    /// </summary>
    private static readonly TimeSpan StillForStuck = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A balloon that has been slow for <c>SlowAfter</c> and needs longer than <c>SlowEta</c> delays others; the
    /// driver's first back-off is shorter.
    /// </summary>
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(3), SlowEta = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Linux balloons move hundreds of MiB a second; below this a waiting domain would wait for hours.
    /// </summary>
    private const double MinUsefulPerSecond = 4 * 1024;

    private static readonly TimeSpan FirstRetryInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestRetryInterval = TimeSpan.FromHours(1);

    private readonly BalloonSpeed speed = new();
    private bool seen;
    private bool hasMoved;
    private KiB? target;
    private KiB actual;
    private KiB maxMem;
    private TimeSpan retryInterval;
    private KiB? initialOffset;
    private bool wasRetargeted;

    /// <summary>
    /// Size minus target at rest: a constant of the guest and its kind (video memory, special pages). Measured; until
    /// then the video memory.
    /// </summary>
    internal KiB Offset { get; private set; }

    /// <summary>Whether <see cref="Offset"/> was measured.</summary>
    internal bool IsOffsetMeasured { get; private set; }

    /// <summary>Since when neither size nor target has changed.</summary>
    internal TimeSpan StillSince { get; private set; }

    /// <summary>Since when cap, size and target have not changed.</summary>
    internal TimeSpan CapStillSince { get; private set; }

    /// <summary>Since when the domain has been at its target; null while it is not.</summary>
    internal TimeSpan? RestingSince { get; private set; }

    /// <summary>Whether the domain is at its target.</summary>
    internal bool IsResting => RestingSince is not null;

    /// <summary>Whether it was ever seen to follow its target, which shows that its driver is up.</summary>
    internal bool HasAnswered { get; private set; }

    /// <summary>Until when the target of a stuck balloon is not changed; null if the balloon answers.</summary>
    internal TimeSpan? StuckUntil { get; private set; }

    /// <summary>Whether this snapshot found the balloon stuck again after a retry.</summary>
    internal bool IsStuckAgain { get; private set; }

    /// <summary>How the balloon answers.</summary>
    internal BalloonHealth Health { get; private set; }

    /// <summary>Its speed in KiB/s; null before it was seen moving.</summary>
    internal double? PerSecond => speed.PerSecond;

    /// <summary>When the last step down was decided; null before the first.</summary>
    internal TimeSpan? ShrunkAt { get; private set; }

    /// <summary>When the report arrived that the last step down rests on: each report allows one step.</summary>
    internal TimeSpan? ShrunkOnReport { get; private set; }

    /// <summary>When the last step up was decided; null before the first.</summary>
    internal TimeSpan? GrewAt { get; private set; }

    /// <summary>
    /// The size at which the balloon failed to grow: a guest without memory hotplug cannot grow beyond its boot memory.
    /// It can still shrink, and its target is not raised before <see cref="StuckUntil"/>. Null if it did not fail, or
    /// has grown beyond it since.
    /// </summary>
    internal KiB? Ceiling { get; private set; }

    /// <summary>
    /// The target before the steps up that the balloon has not yet answered; null if it answered all.
    /// </summary>
    internal KiB? GrewFrom { get; private set; }

    /// <summary>How long the balloon needs to reach its target; null at rest, or if its speed is unknown.</summary>
    internal TimeSpan? Eta
    {
        get
        {
            if (IsResting || target is not { } goal || speed.PerSecond is not (> 0 and double perSecond)) return null;
            double seconds = Math.Abs((actual - goal - Offset).Value) / perSecond;
            return TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds));
        }
    }

    /// <summary>Reads the domain's state.</summary>
    /// <param name="domain">The domain now.</param>
    /// <param name="isStalled">
    /// Whether the domain stalls on memory: then a stuck balloon is retried after the shortest interval, because it may
    /// answer again by now.
    /// </param>
    /// <param name="now">The snapshot's time.</param>
    internal void Observe(DomainSnapshot domain, bool isStalled, TimeSpan now)
    {
        if (isStalled && StuckUntil is { } until && now >= until - retryInterval + FirstRetryInterval) StuckUntil = now;
        KiB step = domain.Actual - actual;
        bool isFirst = !seen, moved = isFirst || step != KiB.Zero, retargeted = domain.Target != target;
        if (target is null) Offset = domain.VideoRam;
        hasMoved = moved || (hasMoved && !retargeted);
        wasRetargeted |= retargeted && target is not null;
        if (moved || retargeted) StillSince = now;
        if (moved || retargeted || domain.MaxMem != maxMem) CapStillSince = now;
        if (retargeted)
        {
            RestingSince = null;
            speed.Begin(actual, now);
        }

        (seen, target, actual, maxMem, IsStuckAgain) = (true, domain.Target, domain.Actual, domain.MaxMem, false);
        if (actual > Ceiling + Tolerance) (Ceiling, StuckUntil, retryInterval) = (null, null, TimeSpan.Zero);
        if (target is not { } goal) return;

        MeasureOffset(goal, domain.VideoRam, now);
        KiB distance = actual - goal - Offset;
        bool answered = moved && !isFirst && (!retargeted || step > Tolerance || step < -Tolerance);
        if (distance <= Tolerance && distance >= -Tolerance) Rest(answered, now);
        else Move(distance, now);
    }

    /// <summary>Records that a step up was decided.</summary>
    internal void OnGrown(KiB from, TimeSpan now) => (GrewAt, GrewFrom) = (now, GrewFrom ?? from);

    /// <summary>Records that a step down was decided.</summary>
    internal void OnShrunk(TimeSpan? onReport, TimeSpan now) => (ShrunkAt, ShrunkOnReport) = (now, onReport);

    /// <summary>
    /// Linux rests a small constant above its target whatever its video memory; Windows rests its video memory above
    /// it. The difference counts only if the size has changed since the target was set.
    /// </summary>
    private void MeasureOffset(KiB goal, KiB videoRam, TimeSpan now)
    {
        if (!hasMoved || now - StillSince < StillForOffset) return;
        KiB difference = actual - goal;
        bool isInitial = difference > KiB.Zero && difference <= goal.Times(LargestInitialOffsetFraction);
        if (!wasRetargeted && isInitial) initialOffset = difference;
        KiB most = KiB.Max(videoRam, initialOffset ?? KiB.Zero) + LargestOffset;
        if (difference >= -LargestOffset && difference <= most) (Offset, IsOffsetMeasured) = (difference, true);
    }

    private void Rest(bool byMoving, TimeSpan now)
    {
        // A stuck balloon whose target was set to its size is at its target without having answered: the retry interval
        // goes on. A balloon that moved there by itself works.
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
        if (answered && Ceiling is null) retryInterval = TimeSpan.Zero;
        bool isFastAgain = answered && !IsSlow(speed.PerSecond);
        if (Health != BalloonHealth.Slow || isFastAgain) Health = BalloonHealth.Cooperative;
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
        if (now - StillSince >= StillForStuck)
        {
            IsStuckAgain = StuckUntil is not null;
            if (distance < KiB.Zero) Ceiling = actual;
            TimeSpan doubled = TimeSpan.FromTicks(Math.Min(LongestRetryInterval.Ticks, retryInterval.Ticks * 2));
            retryInterval = retryInterval == TimeSpan.Zero ? FirstRetryInterval : doubled;
            StuckUntil = now + retryInterval;
            Health = BalloonHealth.Stuck;
        }
        else if (speed.Elapsed(now) >= SlowAfter && Eta > SlowEta && IsSlow(speed.PerSecond))
        {
            Health = BalloonHealth.Slow;
        }
    }

    private static bool IsSlow(double? perSecond) => perSecond < MinUsefulPerSecond;
}

/// <summary>
/// Measures a balloon's speed over each move, which starts when the target changes. A balloon that moves 40 KiB/s makes
/// progress for hours, so only the rate shows that it is slow.
/// </summary>
internal sealed class BalloonSpeed
{
    /// <summary>A shorter move may have ended long before the snapshot.</summary>
    private static readonly TimeSpan ShortestMove = TimeSpan.FromSeconds(1);

    private TimeSpan startedAt;
    private KiB startedFrom;

    /// <summary>KiB/s in the last move that was long enough; null before the first.</summary>
    internal double? PerSecond { get; private set; }

    /// <summary>Starts a new move.</summary>
    internal void Begin(KiB actual, TimeSpan now) => (startedAt, startedFrom) = (now, actual);

    /// <summary>The time since the move started.</summary>
    internal TimeSpan Elapsed(TimeSpan now) => now - startedAt;

    /// <summary>Reads the size during a move.</summary>
    internal void OnTheWay(KiB actual, TimeSpan now)
    {
        if (Elapsed(now) >= ShortestMove) PerSecond = Measured(actual, now);
    }

    /// <summary>
    /// Reads the size at the end of a move. The move ended some time before the snapshot, so the speed is a lower
    /// bound.
    /// </summary>
    internal void Arrived(KiB actual, TimeSpan now)
    {
        if (actual != startedFrom && now > startedAt) PerSecond = Math.Max(PerSecond ?? 0, Measured(actual, now));
    }

    private double Measured(KiB actual, TimeSpan now) =>
        Math.Abs((actual - startedFrom).Value) / Elapsed(now).TotalSeconds;
}
