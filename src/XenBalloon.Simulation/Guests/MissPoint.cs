namespace XenBalloon.Simulation.Guests;

/// <summary>A point of a miss curve.</summary>
/// <param name="Fill">The cache's size as a part of the working set.</param>
/// <param name="Misses">The part that misses, 0 to 1.</param>
public readonly record struct MissPoint(double Fill, double Misses);
