using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>A guest's claim to a share of the host's memory.</summary>
/// <param name="Weight">Shares, more than 0.</param>
/// <param name="Active">What is in use.</param>
/// <param name="Lower">The least.</param>
/// <param name="Upper">The most, no less than the least.</param>
internal readonly record struct Claim(int Weight, KiB Active, KiB Lower, KiB Upper);
