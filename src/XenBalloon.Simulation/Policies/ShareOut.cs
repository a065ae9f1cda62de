using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>Shares memory out by weight, for the peers that do: the one place that knows Core's solver.</summary>
internal static class ShareOut
{
    /// <summary>Each claim's share, in the claims' order; all lower bounds where they are more than there is.</summary>
    /// <param name="claims">Who takes part.</param>
    /// <param name="capacity">What there is.</param>
    /// <param name="idleTax">τ: what is held beyond active memory counts 1/(1 − τ) times.</param>
    public static KiB[] Among(IReadOnlyList<Claim> claims, KiB capacity, double idleTax)
    {
        var shares = new KiB[claims.Count];
        ShareCurve[] curves = [.. claims.Select(claim => ShareCurve.FairShare(claim.Weight, claim.Active, idleTax, claim.Lower, claim.Upper))];
        new ShareSolver().Solve(curves, capacity, shares);
        return shares;
    }
}

/// <summary>A guest's claim to a share of the host's memory.</summary>
/// <param name="Weight">Shares, more than 0.</param>
/// <param name="Active">What is in use.</param>
/// <param name="Lower">The least.</param>
/// <param name="Upper">The most, no less than the least.</param>
internal readonly record struct Claim(int Weight, KiB Active, KiB Lower, KiB Upper);
