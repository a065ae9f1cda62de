namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>A guest's slowdown with a cache of some size.</summary>
/// <param name="Number">Which of the sizes that were looked at, in ascending order.</param>
/// <param name="Fill">The size as a part of the working set.</param>
/// <param name="Slowdown">How much longer work takes than if no file were waited for.</param>
internal readonly record struct CachePoint(int Number, double Fill, double Slowdown)
{
    /// <summary>How the slowdown changes on the way to a larger cache, by the working set.</summary>
    public double SlopeTo(CachePoint larger) => (larger.Slowdown - Slowdown) / (larger.Fill - Fill);
}
