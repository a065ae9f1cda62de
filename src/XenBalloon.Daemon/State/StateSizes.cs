using XenBalloon.Core.Memory;

namespace XenBalloon.Daemon.State;

/// <summary>Sizes in the file, which anybody may have edited.</summary>
internal static class StateSizes
{
    /// <summary>16 PiB: above any machine, and far from overflowing.</summary>
    private const long LargestKib = 1L << 44;

    /// <exception cref="FormatException">No such size can be meant.</exception>
    internal static KiB Check(long kib) => kib is >= 0 and <= LargestKib ? new KiB(kib) : throw new FormatException($"{kib} KiB is no size");
}
