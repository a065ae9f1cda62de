using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>What a Linux kernel keeps free for itself, and so does not count as available.</summary>
internal static class KernelReserve
{
    /// <summary>The high watermarks: 3/2 of min_free_kbytes, which is √(16 × memory) at boot.</summary>
    public static KiB Of(KiB bootMemory) => new KiB((long)(1.5 * Math.Sqrt(16.0 * bootMemory.Value))).CeilingToPage();
}
