namespace XenBalloon.Simulation.Guests;

/// <summary>A long tail, as of Zipf-like popularity: a little more cache always helps a little more.</summary>
/// <param name="Exponent">How quickly it falls, more than 0: at the working set's size 2<sup>−exponent</sup> misses.</param>
public sealed record LongTailMissCurve(double Exponent = 2) : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill) => Math.Pow(1 + Math.Max(0, fill), -Exponent);
}
