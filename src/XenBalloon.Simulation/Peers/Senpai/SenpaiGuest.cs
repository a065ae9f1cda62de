using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Senpai;

/// <summary>What Senpai remembers of one guest.</summary>
internal sealed class SenpaiGuest
{
    // Six looks of a second each between probes.
    private const int Grace = 6;

    private int looksLeft = Grace;
    private TimeSpan? lastTotal;
    private TimeSpan stalled;

    /// <summary>Looks once a second; returns by how much the size is to change.</summary>
    /// <param name="size">What the guest has.</param>
    /// <param name="stalledTotal">All the time in which some task of the guest waited for memory.</param>
    /// <param name="pressure">The greater of its memory and I/O pressure, 0 to 1.</param>
    public KiB Look(KiB size, TimeSpan stalledTotal, double pressure)
    {
        if (stalledTotal > lastTotal) stalled += stalledTotal - lastTotal.Value;
        lastTotal = stalledTotal;
        KiB back = SenpaiRule.BackOff(size, stalled);
        if (back > KiB.Zero) return Changed(back);
        if (--looksLeft > 0) return KiB.Zero;
        return Changed(-SenpaiRule.Probe(size, pressure));
    }

    private KiB Changed(KiB by)
    {
        (stalled, looksLeft) = (TimeSpan.Zero, Grace);
        return by;
    }
}
