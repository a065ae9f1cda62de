using XenBalloon.Core.Memory;

namespace XenBalloon.Daemon.State;

/// <summary>Sizes in the file, which anybody may have edited.</summary>
internal static class StateSizes
{
    /// <exception cref="FormatException">No such size can be meant.</exception>
    internal static KiB Check(long kib) => kib >= 0 && kib <= KiB.Largest.Value ? new KiB(kib) : throw new FormatException($"{kib} KiB is no size");
}
