using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>What a guest's programs will want at most within some time.</summary>
/// <param name="Anonymous">Memory that they hold.</param>
/// <param name="Total">That and the files that they read, where both are greatest together.</param>
internal readonly record struct GuestNeed(KiB Anonymous, KiB Total)
{
    /// <summary>The greater of each.</summary>
    public static GuestNeed Max(GuestNeed left, GuestNeed right) => new(KiB.Max(left.Anonymous, right.Anonymous), KiB.Max(left.Total, right.Total));
}
