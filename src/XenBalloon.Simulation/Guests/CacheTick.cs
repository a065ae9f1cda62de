namespace XenBalloon.Simulation.Guests;

/// <summary>What the page cache did not have in a tick.</summary>
/// <param name="Misses">Pages read from disk.</param>
/// <param name="Refaults">Those of them that a cache as large as the working set would have had.</param>
internal readonly record struct CacheTick(long Misses, long Refaults);
