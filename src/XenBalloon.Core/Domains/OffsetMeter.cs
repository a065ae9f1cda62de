using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// Measures what a domain holds above its target at rest: a constant of the guest and its kind, so its size follows its
/// target on a line of slope 1. Linux rests a small amount above its target whatever its video memory; Windows rests
/// its video memory above it; a PV shim keeps 61 MiB to 1.4 GiB for itself. A balloon that gave up on the way rests
/// above its target too, but does not follow the next one. So a large difference is assumed to be the offset until the
/// next target shows which it is.
/// </summary>
internal sealed class OffsetMeter
{
    /// <summary>Any balloon may rest this far from its target, besides its video memory.</summary>
    private static readonly KiB Small = KiB.FromMiB(16);

    /// <summary>Differences closer than this are the same: grants and foreign maps move a few MiB.</summary>
    private static readonly KiB Tolerance = KiB.FromMiB(2);

    /// <summary>A change of the target by less does not tell an offset from a balloon that gave up.</summary>
    private static readonly KiB LeastChange = KiB.FromMiB(4);

    private (KiB Target, KiB Difference)? lastRest;
    private KiB? confirmed;
    private KiB measured;
    private bool hasMeasured;
    private bool wasRefuted;

    /// <summary>Size minus target at rest. Measured, assumed or supposed; until then the video memory.</summary>
    internal KiB Value { get; private set; }

    /// <summary>Whether <see cref="Value"/> was measured.</summary>
    internal bool IsMeasured { get; private set; }

    /// <summary>The offset that was measured last; zero before the first time.</summary>
    internal KiB Measured => hasMeasured ? measured : KiB.Zero;

    /// <summary>Whether <see cref="Value"/> is assumed after one rest, and not confirmed by a second target.</summary>
    internal bool IsAssumed { get; private set; }

    /// <summary>Whether <see cref="Value"/> is only the part of an offset that unanswered steps have reached.</summary>
    internal bool IsSupposed { get; private set; }

    /// <summary>Sets what is assumed of a domain that has no target yet.</summary>
    internal void Begin(KiB videoRam) => Value = measured = videoRam;

    /// <summary>
    /// Sets what counts for a domain that did not follow a step down, because a shim does not follow one that is
    /// smaller than what it keeps.
    /// </summary>
    /// <param name="difference">Size minus target; null to go back to what was measured last.</param>
    internal void Suppose(KiB? difference) =>
        (Value, IsMeasured, IsSupposed) =
            (difference ?? measured, hasMeasured && difference is null, difference is not null);

    /// <summary>Reads a domain whose size and target have been still for a while.</summary>
    /// <param name="target">The target.</param>
    /// <param name="actual">The size.</param>
    /// <param name="videoRam">The video memory.</param>
    /// <param name="mayAssume">Whether a large difference may be the offset, by what led to this size.</param>
    /// <param name="isUnseen">
    /// Whether the guest's kernel does not have the difference, by its report: what a balloon failed to give, it has.
    /// </param>
    internal void Read(KiB target, KiB actual, KiB videoRam, bool mayAssume, bool isUnseen)
    {
        KiB difference = actual - target;
        bool isSmall = difference >= -Small && difference <= videoRam + Small;
        bool isNext = IsChange(lastRest?.Target, target);
        bool followed = isNext && IsWithin(Tolerance, difference, lastRest?.Difference);
        IsSupposed = false;
        if (isSmall || followed || isUnseen || IsWithin(Small, difference, confirmed))
        {
            (Value, IsMeasured, IsAssumed) = (measured = difference, hasMeasured = true, false);
            if (!isSmall) confirmed = difference;
        }
        else if (IsAssumed && isNext)
        {
            (Value, IsAssumed, wasRefuted) = (measured, false, true);
        }
        else if (mayAssume && !wasRefuted && difference > KiB.Zero && !IsWithin(Tolerance, difference, measured))
        {
            (Value, IsMeasured, IsAssumed) = (difference, false, true);
        }

        if (lastRest is null || isNext || IsAssumed) lastRest = (target, difference);
    }

    private static bool IsChange(KiB? one, KiB other) => one - other >= LeastChange || other - one >= LeastChange;

    private static bool IsWithin(KiB most, KiB one, KiB? other) => one - other <= most && other - one <= most;
}
