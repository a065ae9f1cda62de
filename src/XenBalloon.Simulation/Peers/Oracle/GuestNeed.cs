using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>What a guest's programs will want at most within some time.</summary>
/// <param name="Programs">Anonymous and shared memory that they use.</param>
/// <param name="Held">That and what they hold without using it: all that must be in memory or in swap.</param>
/// <param name="Total"><paramref name="Programs"/> and the files that they read, where both are greatest together.</param>
internal readonly record struct GuestNeed(KiB Programs, KiB Held, KiB Total)
{
    /// <summary>The greater of each.</summary>
    public static GuestNeed Max(GuestNeed left, GuestNeed right) =>
        new(KiB.Max(left.Programs, right.Programs), KiB.Max(left.Held, right.Held), KiB.Max(left.Total, right.Total));
}
