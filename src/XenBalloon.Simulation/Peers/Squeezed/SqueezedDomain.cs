using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Squeezed;

/// <summary>A domain as squeezed sees it.</summary>
/// <param name="Id">Its domid.</param>
/// <param name="CanBalloon">Whether its balloon driver has announced itself.</param>
/// <param name="Minimum">dynamic-min.</param>
/// <param name="Target">What its balloon works towards.</param>
/// <param name="Maximum">dynamic-max.</param>
/// <param name="Actual">What it holds.</param>
/// <param name="Inaccuracy">How far actual may be from the target and the target still count as hit.</param>
internal sealed record SqueezedDomain(int Id, bool CanBalloon, KiB Minimum, KiB Target, KiB Maximum, KiB Actual, KiB Inaccuracy)
{
    /// <summary>dynamic-max − dynamic-min.</summary>
    public KiB Range => KiB.Max(KiB.Zero, Maximum - Minimum);

    /// <summary>What it gives back at least once it is sent to dynamic-min.</summary>
    public KiB Freeable => KiB.Max(KiB.Zero, Actual - Minimum - Inaccuracy - Inaccuracy);

    /// <summary>Whether it is where its target says.</summary>
    public bool HasHitTarget => IsAt(Target);

    /// <summary>Whether it would count as having reached a target.</summary>
    public bool IsAt(KiB target) => KiB.Max(Actual - target, target - Actual) <= Inaccuracy;
}
