using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// Measures what a domain holds above its target at rest: a constant of the guest and its kind. Linux rests a small
/// amount above its target whatever its video memory; Windows rests its video memory above it; a PV shim keeps 61 MiB
/// to 1.4 GiB for itself. A balloon that gave up on the way rests at a difference too, which changes with the target.
/// So a large difference is only assumed to be the offset until the domain has followed a second target by as much as
/// the target changed.
/// </summary>
internal sealed class OffsetMeter
{
    /// <summary>Any balloon may rest this far from its target, besides its video memory.</summary>
    private static readonly KiB Small = KiB.FromMiB(16);

    /// <summary>
    /// The same for the target that the domain was built with, as a fraction of it: no balloon has given up yet.
    /// </summary>
    private const double LargestInitialFraction = 0.125;

    /// <summary>Differences closer than this are the same: grants and foreign maps move a few MiB.</summary>
    private static readonly KiB Tolerance = KiB.FromMiB(2);

    /// <summary>A change of the target by less does not tell an offset from a balloon that gave up.</summary>
    private static readonly KiB LeastChange = KiB.FromMiB(4);

    private (KiB Target, KiB Difference)? lastRest;
    private KiB? confirmed;
    private bool wasRefuted;
    private bool isUnanswered;

    /// <summary>Size minus target at rest. Measured or assumed; until then the video memory.</summary>
    internal KiB Value { get; private set; }

    /// <summary>Whether <see cref="Value"/> was measured.</summary>
    internal bool IsMeasured { get; private set; }

    /// <summary>Whether <see cref="Value"/> is assumed after one rest, and not confirmed by a second target.</summary>
    internal bool IsAssumed { get; private set; }

    /// <summary>Sets what is assumed of a domain that has no target yet.</summary>
    internal void Begin(KiB videoRam) => Value = videoRam;

    /// <summary>Reads a domain whose size and target have been still for a while.</summary>
    /// <param name="target">The target.</param>
    /// <param name="actual">The size.</param>
    /// <param name="videoRam">The video memory.</param>
    /// <param name="isInitial">Whether the target is the first one that was seen.</param>
    /// <param name="gaveWay">Whether the domain came down to this size since the target was set.</param>
    internal void Read(KiB target, KiB actual, KiB videoRam, bool isInitial, bool gaveWay)
    {
        KiB difference = actual - target;
        bool isSmall = difference >= -Small && difference <= videoRam + Small;
        bool isAsInitially = isInitial
            && difference > KiB.Zero
            && difference <= target.Times(LargestInitialFraction);
        bool followed = lastRest is { } last && IsChange(last.Target, target) && IsSame(last.Difference, difference);
        if (isSmall || isAsInitially || followed || IsNear(difference, confirmed)) Confirm(difference, isSmall);
        else if (IsAssumed && !isUnanswered && IsChange(lastRest?.Target, target)) Refute(videoRam);
        else if (MayAssume(difference, gaveWay)) Assume(difference);
        if (lastRest is null || IsChange(lastRest?.Target, target) || IsAssumed) lastRest = (target, difference);
        isUnanswered = false;
    }

    private bool MayAssume(KiB difference, bool gaveWay) => difference > KiB.Zero
        && (gaveWay || IsAssumed)
        && !wasRefuted
        && !(IsMeasured && IsSame(difference, Value));

    /// <summary>
    /// Reads a domain that has never followed a target and does not follow this one. A PV shim does not follow steps
    /// that are smaller in total than what it keeps, so until they reach that, their sum is assumed to be the offset.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="actual">The size.</param>
    /// <param name="videoRam">The video memory.</param>
    /// <param name="isOver">Whether it has been still for so long that no further step will follow soon.</param>
    internal void ReadUnanswered(KiB target, KiB actual, KiB videoRam, bool isOver)
    {
        KiB difference = actual - target;
        if (wasRefuted || difference <= videoRam) return;
        if (isOver || difference > target.Times(LargestInitialFraction) + videoRam)
        {
            if (IsAssumed) Refute(videoRam);
            return;
        }

        Assume(difference);
        (lastRest, isUnanswered) = ((target, difference), true);
    }

    private void Confirm(KiB difference, bool isSmall)
    {
        (Value, IsMeasured, IsAssumed) = (difference, true, false);
        if (!isSmall) confirmed = difference;
    }

    private void Assume(KiB difference) => (Value, IsMeasured, IsAssumed) = (difference, false, true);

    private void Refute(KiB videoRam) =>
        (Value, IsMeasured, IsAssumed, wasRefuted) = (confirmed ?? videoRam, false, false, true);

    private static bool IsSame(KiB one, KiB other) => one - other <= Tolerance && other - one <= Tolerance;

    private static bool IsChange(KiB? one, KiB other) => one - other >= LeastChange || other - one >= LeastChange;

    private static bool IsNear(KiB one, KiB? other) => one - other <= Small && other - one <= Small;
}
