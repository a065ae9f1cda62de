using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>A guest as the oracle plans for it.</summary>
/// <param name="Lower">The least that it can or may come down to.</param>
/// <param name="Upper">The most that it can or may grow to.</param>
/// <param name="Levels">Sizes that it needs, the most urgent first.</param>
internal readonly record struct OracleGuest(KiB Lower, KiB Upper, ImmutableArray<OracleLevel> Levels)
{
    /// <summary>The size without any page cache that <see cref="Cache"/> tells of.</summary>
    public KiB CacheFrom { get; init; } = KiB.Zero;

    /// <summary>What more page cache is worth to it, in the order in which it grows.</summary>
    public ImmutableArray<CachePiece> Cache { get; init; } = [];

    /// <summary>What it has or is on its way to: with as much saved, cache stays where it is.</summary>
    public KiB Has { get; init; } = KiB.Zero;

    /// <summary>Sizes that do it good where nobody has a use for the memory, those that do most good first.</summary>
    public ImmutableArray<OracleLevel> Spare { get; init; } = [];
}
