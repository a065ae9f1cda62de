namespace XenBalloon.Simulation.Guests;

/// <summary>A loop over more than fits: with LRU, all of it misses until the last page fits, and then nothing does.</summary>
public sealed record LoopMissCurve : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill) => fill < 1 ? 1 : 0;
}
