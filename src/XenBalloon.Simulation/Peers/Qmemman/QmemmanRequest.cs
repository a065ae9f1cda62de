using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Qmemman;

/// <summary>A size that qmemman wants a domain to have.</summary>
/// <param name="Id">The domain.</param>
/// <param name="Size">Its size.</param>
internal readonly record struct QmemmanRequest(int Id, KiB Size);
