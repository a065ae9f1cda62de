using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>How a domain's balloon answers.</summary>
public enum BalloonHealth
{
    /// <summary>It has not reached a target yet.</summary>
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

    /// <summary>How long size and target must be still before their difference counts as the offset.</summary>
    private static readonly TimeSpan StillForOffset = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A step that a shim would not follow is counted for no longer than this: without a balloon driver, a reboot would
    /// build the guest with too little memory.
    /// </summary>
    private static readonly TimeSpan LongestSupposed = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The Linux driver backs off 2, 4 and 8 s and then gives up until its target changes, so a balloon that is still
    /// for longer is stuck.
    /// </summary>
    private static readonly TimeSpan StillForStuck = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A guest that starts has no balloon driver for a while, and its target may be raised meanwhile. After this time
    /// it probably has none at all.
    /// </summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(3);

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

    /// <summary>
    /// The longest time from one attempt to the next while the guest of a balloon that did not grow stalls on memory:
    /// the balloon may answer again by now, but for each attempt other domains give memory.
    /// </summary>
    private static readonly TimeSpan LongestRetryWhileStalled = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The same for a domain that has never followed a target, not even one that a shim would have followed: it
    /// probably has no balloon driver, and a reboot during the attempt would build it with too little memory.
    /// </summary>
    private static readonly TimeSpan FirstBlindRetry = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestBlindRetry = TimeSpan.FromHours(24);

    /// <summary>
    /// What a domain may hold that its kernel does not have, as a fraction, while no report shows it. A PV shim does
    /// not follow a step that is smaller than what it keeps for itself.
    /// </summary>
    private const double UnreportedUnseenFraction = 1.0 / 8;

    /// <summary>A step that exceeds that by less shows nothing.</summary>
    private static readonly KiB MinTellingStep = KiB.FromMiB(16);

    private readonly BalloonSpeed speed = new();
    private readonly OffsetMeter offset = new();
    private readonly BalloonLimit growing = new(), shrinking = new();
    private bool seen;
    private bool wasRunning;
    private bool hadRun;
    private TimeSpan? startedAt;
    private bool hasMoved;
    private KiB? target;
    private KiB actual;
    private KiB maxMem;
    private KiB? unseen;
    private KiB startedFrom;
    private bool wasRetargeted;
    private bool hasRested;
    private bool hasStarted;
    private TimeSpan observedAt;

    /// <inheritdoc cref="OffsetMeter.Value"/>
    internal KiB Offset => offset.Value;

    /// <inheritdoc cref="OffsetMeter.Measured"/>
    internal KiB MeasuredOffset => offset.Measured;

    /// <inheritdoc cref="OffsetMeter.IsMeasured"/>
    internal bool IsOffsetMeasured => offset.IsMeasured;

    /// <summary>Since when neither size nor target has changed.</summary>
    internal TimeSpan StillSince { get; private set; }

    /// <summary>Since when cap, size and target have not changed.</summary>
    internal TimeSpan CapStillSince { get; private set; }

    /// <summary>Since when the domain has been at its target; null while it is not.</summary>
    internal TimeSpan? RestingSince { get; private set; }

    /// <summary>Whether the domain is at its target.</summary>
    internal bool IsResting => RestingSince is not null;

    /// <summary>Whether it was ever seen to move towards a target, which shows that its driver is up.</summary>
    internal bool HasAnswered { get; private set; }

    /// <summary>
    /// Until when a balloon that did not move is not told again to move in that direction; null if it answers.
    /// </summary>
    internal TimeSpan? StuckUntil => IsResting ? shrinking.Until ?? growing.Until
        : IsBelowTarget ? growing.Until
        : shrinking.Until;

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
    internal KiB? Ceiling => growing.Size;

    /// <summary>Until when it is not told to grow beyond <see cref="Ceiling"/>; null if it may.</summary>
    internal TimeSpan? CeilingUntil => growing.Until;

    /// <summary>
    /// The size below which the balloon failed to shrink. The domain can still grow. Null if it did not fail, or has
    /// shrunk below it since.
    /// </summary>
    internal KiB? Floor => shrinking.Size;

    /// <summary>Until when it is not told to shrink below <see cref="Floor"/>; null if it may.</summary>
    internal TimeSpan? FloorUntil => shrinking.Until;

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

    /// <summary>
    /// How much a domain is told to shrink by that did not follow its first targets: enough to tell a shim from a guest
    /// without a balloon driver. Null for any amount.
    /// </summary>
    internal KiB? TellingStep => HasAnswered || (Floor is null && !offset.IsSupposed)
        ? null
        : KiB.Max(MinTellingStep, Unseen + MinTellingStep - Offset).CeilingToPage();

    /// <summary>
    /// What the hypervisor counts and the guest's kernel does not have: its kernel's own memory, and what a shim keeps.
    /// </summary>
    private KiB Unseen => unseen ?? actual.Times(UnreportedUnseenFraction);

    private bool IsBelowTarget => actual - Offset < target;

    /// <summary>Whether it is away from its target and does not move there.</summary>
    internal bool IsStuck(TimeSpan now) => !IsResting && now < StuckUntil;

    /// <summary>Reads the domain's state.</summary>
    /// <param name="domain">The domain now.</param>
    /// <param name="isStalled">
    /// Whether the domain stalls on memory: then a balloon that did not grow is retried sooner.
    /// </param>
    /// <param name="now">The snapshot's time.</param>
    internal void Observe(DomainSnapshot domain, bool isStalled, TimeSpan now)
    {
        if (isStalled) growing.Hasten(LongestRetryWhileStalled, now);
        bool isRunning = IsRunning(domain);
        bool resumes = isRunning && seen && !wasRunning;
        if (isRunning && seen && !hadRun) startedAt = now;
        KiB step = domain.Actual - actual;
        bool isFirst = !seen, moved = isFirst || step != KiB.Zero, retargeted = domain.Target != target;
        if (target is null) offset.Begin(domain.VideoRam);
        if (isRunning && wasRunning && domain.Target is { } aim) HasAnswered |= IsTowards(aim, step);

        // A guest that reports has a driver, if it ever has one: Linux starts it before the first program.
        bool reports = domain.Report?.ReceivedAt > startedAt;
        bool starts = isRunning && wasRunning && !hasStarted && (step != KiB.Zero || reports);
        hasStarted |= starts;
        hasMoved = moved || (hasMoved && !retargeted);
        wasRetargeted |= retargeted && target is not null;
        if (moved || retargeted || resumes || starts) StillSince = now;
        if (moved || retargeted || domain.MaxMem != maxMem) CapStillSince = now;
        if (retargeted || resumes)
        {
            (RestingSince, hasRested) = (null, false);
            startedFrom = actual;
            speed.Begin(actual, now, notBefore: seen ? observedAt : now);
        }
        else if (starts)
        {
            // The guest has been booting since the target was set, and its driver has just started.
            speed.Begin(actual, observedAt, notBefore: observedAt);
        }

        (seen, target, actual, maxMem, IsStuckAgain) = (true, domain.Target, domain.Actual, domain.MaxMem, false);
        (observedAt, wasRunning, hadRun) = (now, isRunning, domain.HasRun);
        if (actual > Ceiling + Tolerance) growing.Forget();
        if (actual < Floor - Tolerance) shrinking.Forget();

        // The balloon of a domain that does not run cannot answer. If it has not run yet, its device model is still to
        // allocate video memory, which is no part of its size now.
        if (target is not { } goal || !isRunning) return;

        if (domain.Report is { Total: { } total } report && report.ReceivedAt > StillSince)
        {
            unseen = KiB.Max(KiB.Zero, actual - total);
        }

        bool isRefuted = MeasureOffset(goal, domain.VideoRam, now);
        KiB distance = actual - goal - Offset;
        bool answered = moved && !isFirst && (!retargeted || step > Tolerance || step < -Tolerance);
        if (distance <= Tolerance && distance >= -Tolerance) Rest(answered, now);
        else Move(distance, hasGivenUp: isRefuted || now - StillSince >= StillForStuck, now);
    }

    /// <summary>Records that a domain at rest has not changed until now.</summary>
    internal void OnUnchanged(TimeSpan now) => observedAt = now;

    /// <summary>Records that a step up was decided.</summary>
    internal void OnGrown(KiB from, TimeSpan now) => (GrewAt, GrewFrom) = (now, GrewFrom ?? from);

    /// <summary>Records that a step down was decided.</summary>
    internal void OnShrunk(TimeSpan? onReport, TimeSpan now) => (ShrunkAt, ShrunkOnReport) = (now, onReport);

    /// <summary>
    /// Measures the offset. A large difference may be the offset if it is the first that is seen, since the target may
    /// have been reached before, or if it is left after a step down.
    /// </summary>
    /// <returns>Whether an assumed offset turned out to be a balloon that gave up on the way.</returns>
    private bool MeasureOffset(KiB goal, KiB videoRam, TimeSpan now)
    {
        bool wasAssumed = offset.IsAssumed;
        TimeSpan still = now - StillSince;
        if (still < StillForOffset) return false;
        KiB difference = actual - goal;
        if (hasMoved || wasAssumed)
        {
            bool gaveWay = hasMoved && actual < startedFrom - Tolerance;
            bool isUnseen = !wasRetargeted && difference > KiB.Zero && unseen >= difference;
            offset.Read(goal, actual, videoRam, mayAssume: gaveWay || !wasRetargeted, isUnseen);
        }
        else if (!HasAnswered && difference > videoRam)
        {
            offset.Suppose(difference <= Unseen && still < LongestSupposed ? difference : null);
        }

        return wasAssumed && offset is { IsAssumed: false, IsMeasured: false };
    }

    private static bool IsRunning(DomainSnapshot domain) =>
        domain.HasRun
        && domain.ShutdownReason is null
        && domain.Lifecycle is DomainLifecycle.Running or DomainLifecycle.Migrating;

    private bool IsTowards(KiB goal, KiB step) => step > KiB.Zero
        ? step > Tolerance && actual < goal + Offset
        : step < -Tolerance && actual > goal + Offset;

    private void Rest(bool byMoving, TimeSpan now)
    {
        // A balloon whose target was set to its size is at its target without having answered: its limits remain.
        bool answered = byMoving && !IsResting;
        if (answered) speed.Arrived(actual, now);
        RestingSince ??= now;
        hasRested = true;
        GrewFrom = null;
        if (now < FloorUntil && !answered && actual <= Floor + Tolerance)
        {
            Health = BalloonHealth.Stuck;
            return;
        }

        if (!(now < FloorUntil)) shrinking.EndWait();
        bool isFastAgain = answered && !IsSlow(speed.PerSecond);
        if (Health != BalloonHealth.Slow || isFastAgain) Health = BalloonHealth.Cooperative;
    }

    private void Move(KiB distance, bool hasGivenUp, TimeSpan now)
    {
        RestingSince = null;
        bool isGrowing = distance < KiB.Zero;
        BalloonLimit limit = isGrowing ? growing : shrinking;
        if (now < limit.Until)
        {
            Health = BalloonHealth.Stuck;
            return;
        }

        speed.OnTheWay(actual, now);
        bool isStarting = !hasStarted && now - startedAt < LongestStart;
        if (isGrowing && isStarting) return;
        if (hasGivenUp)
        {
            IsStuckAgain = limit.Until is not null;
            bool isBlind = !isGrowing && !HasAnswered && distance > Unseen;
            limit.OnFailed(
                actual,
                isBlind ? FirstBlindRetry : FirstRetryInterval,
                isBlind ? LongestBlindRetry : LongestRetryInterval,
                now);
            Health = BalloonHealth.Stuck;
        }
        // A domain that was at this target is not on its way to it: an HVM guest is built with its video memory above
        // its target, and Linux's balloon gives that much when it starts, some time after the target was set.
        else if (hasStarted
            && !hasRested
            && speed.Elapsed(now) >= SlowAfter
            && Eta > SlowEta
            && IsSlow(speed.PerSecond))
        {
            Health = BalloonHealth.Slow;
        }
    }

    private static bool IsSlow(double? perSecond) => perSecond < MinUsefulPerSecond;
}
