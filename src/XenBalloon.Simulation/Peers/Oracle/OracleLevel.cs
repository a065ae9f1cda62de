using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>A size that would do a guest good.</summary>
/// <param name="Size">The size.</param>
/// <param name="Hopeless">A guest that lacks more than this of it does nothing but wait, so that the rest is of no use to it either.</param>
internal readonly record struct OracleLevel(KiB Size, KiB Hopeless)
{
    // All that a guest uses is touched once in about four seconds. A page comes back from swap in 100 µs; of files, read-ahead brings most before they
    // are missed.
    private static readonly KiB HopelessPrograms = KiB.FromMiB(150);
    private static readonly KiB HopelessFiles = KiB.FromMiB(1500);

    /// <summary>What programs hold.</summary>
    public static OracleLevel Programs(KiB size) => new(size, HopelessPrograms);

    /// <summary>What programs hold, and files.</summary>
    public static OracleLevel Files(KiB size) => new(size, HopelessFiles);
}
