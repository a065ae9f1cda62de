using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>A piece of a guest's page cache that is worth having.</summary>
/// <param name="End">The cache's size with it and all pieces before it.</param>
/// <param name="Saved">By how much a GiB of such pages would lower the guest's slowdown. No piece saves more than the one before it.</param>
/// <param name="Whole">Whether it must be there to the last page: part of it saves nothing, or next to nothing.</param>
internal readonly record struct CachePiece(KiB End, double Saved, bool Whole);
