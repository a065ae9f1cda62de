namespace XenBalloon.Simulation.Guests;

/// <summary>
/// Which part of the lookups misses a cache, by its size: monotone, 1 where there is no cache. As LRU caches are described since Mattson's stack distances
/// (1970): what a larger cache would have caught is known without trying.
/// </summary>
public abstract record MissCurve
{
    /// <summary>The part that misses, 0 to 1.</summary>
    /// <param name="fill">The cache's size as a part of the working set: 0 for none, 1 for all of it, more for more.</param>
    public abstract double At(double fill);
}
