using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// What one domain gets as the price level θ (memory per share) rises: in proportion to its weight until its active memory is filled, then at a rate
/// reduced by the idle tax, all within its bounds. It is the closed form of ESX's min-funding revocation (Waldspurger, OSDI 2002) with
/// ρ = S / (P(f + k(1 − f))), k = 1/(1 − τ): monotone and piecewise linear, so that the level at which the host is just filled can be solved exactly.
/// </summary>
/// <param name="Weight">The domain's shares, more than 0.</param>
/// <param name="Active">Memory that it makes use of: idle tax is due above it.</param>
/// <param name="Lower">It gets at least this.</param>
/// <param name="Upper">It gets at most this, no less than <paramref name="Lower"/>.</param>
public readonly record struct ShareCurve(int Weight, KiB Active, KiB Lower, KiB Upper)
{
    /// <summary>What the domain gets at a level, in KiB.</summary>
    /// <param name="level">θ, in KiB per share.</param>
    /// <param name="idleTax">τ, 0 to below 1.</param>
    public double At(double level, double idleTax)
    {
        double share = Weight * level;
        double taxed = share <= Active.Value ? share : (idleTax * Active.Value) + ((1 - idleTax) * share);
        return Math.Clamp(taxed, Lower.Value, Upper.Value);
    }

    /// <summary>The level at which the domain's share, bounds apart, is the given amount: the inverse of <see cref="At"/> between its bounds.</summary>
    /// <param name="amount">An amount, no less than zero.</param>
    /// <param name="idleTax">τ, 0 to below 1.</param>
    public double LevelFor(KiB amount, double idleTax) =>
        (amount <= Active ? amount.Value : (amount.Value - (idleTax * Active.Value)) / (1 - idleTax)) / Weight;
}
