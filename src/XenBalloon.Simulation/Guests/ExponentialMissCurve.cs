namespace XenBalloon.Simulation.Guests;

/// <summary>Misses fall off quickly: at the working set's size one in <paramref name="AtWorkingSet"/><sup>−1</sup> is left.</summary>
/// <param name="AtWorkingSet">The part that misses a cache as large as the working set, more than 0 and less than 1.</param>
public sealed record ExponentialMissCurve(double AtWorkingSet = 0.05) : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill) => Math.Pow(AtWorkingSet, Math.Max(0, fill));
}
