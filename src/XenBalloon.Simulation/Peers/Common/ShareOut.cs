using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

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
