using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.SelfBalloon;

/// <summary>
/// Linux's self-ballooning (drivers/xen/xen-selfballoon.c, 2011 to 2019): a guest sizes itself by what its programs were promised, down by an eighth of
/// the way each 5 s, up at once. What is cached counts for nothing.
/// </summary>
internal static class SelfBalloonRule
{
    private const double DownPart = 1.0 / 8;

    /// <summary>The new size of what the guest's kernel manages (MemTotal).</summary>
    /// <param name="total">MemTotal now.</param>
    /// <param name="goal">Committed_AS and the reserves.</param>
    /// <param name="floor">The least.</param>
    public static KiB Target(KiB total, KiB goal, KiB floor) => KiB.Max(floor, total > goal ? total - (total - goal).Times(DownPart) : goal);

    /// <summary>The least that a guest is ballooned to, by the memory that it could have at most.</summary>
    /// <param name="largest">The size of its memory map.</param>
    /// <param name="reserve">What its kernel keeps free.</param>
    public static KiB Floor(KiB largest, KiB reserve)
    {
        KiB useful = largest - reserve;
        if (useful < KiB.FromMiB(16)) return largest;
        if (useful < KiB.FromMiB(64)) return reserve + KiB.FromMiB(16) + (useful - KiB.FromMiB(16)).Times(1.0 / 2);
        if (useful < KiB.FromMiB(512)) return reserve + KiB.FromMiB(40) + (useful - KiB.FromMiB(40)).Times(1.0 / 8);
        return reserve + KiB.FromMiB(99) + (useful - KiB.FromMiB(99)).Times(1.0 / 32);
    }
}
