using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>Divides memory by weight, for the peers that do so, with the core's solver.</summary>
internal static class WeightedShares
{
    /// <summary>The share of each guest, in the same order; all lower bounds if they exceed the capacity.</summary>
    /// <param name="demands">The guests' demands.</param>
    /// <param name="capacity">The memory to divide.</param>
    /// <param name="idleTax">The idle tax τ: idle memory counts 1/(1 − τ) times.</param>
    public static KiB[] Divide(IReadOnlyList<WeightedDemand> demands, KiB capacity, double idleTax)
    {
        var shares = new KiB[demands.Count];
        ShareCurve[] curves =
        [
            .. demands.Select(demand =>
                ShareCurve.FairShare(demand.Weight, demand.Active, idleTax, demand.Lower, demand.Upper)),
        ];
        new ShareSolver().Solve(curves, capacity, shares);
        return shares;
    }
}

/// <summary>What one guest gets a share of the host's memory for.</summary>
/// <param name="Weight">The weight, more than 0.</param>
/// <param name="Active">The memory in use.</param>
/// <param name="Lower">The lower bound.</param>
/// <param name="Upper">The upper bound, not below the lower bound.</param>
internal readonly record struct WeightedDemand(int Weight, KiB Active, KiB Lower, KiB Upper);
