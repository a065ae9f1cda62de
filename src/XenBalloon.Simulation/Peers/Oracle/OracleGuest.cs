using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>A guest as the oracle plans for it.</summary>
/// <param name="Lower">The least that it can or may come down to.</param>
/// <param name="Upper">The most that it can or may grow to.</param>
/// <param name="Levels">Sizes that would do it good, the most urgent first.</param>
internal readonly record struct OracleGuest(KiB Lower, KiB Upper, ImmutableArray<OracleLevel> Levels);
