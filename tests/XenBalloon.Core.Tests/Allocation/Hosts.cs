using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>Hosts of every kind to try the solver on: usual, tiny and absurd sizes, ranges that are empty, and policies mixed.</summary>
internal static class Hosts
{
    private const long Largest = 1L << 40;

    private static readonly Gen<long> Sizes = Gen.OneOf(Gen.Long[0, 40], Gen.Long[0, 64L << 20], Gen.Const(4096L), Gen.Long[0, Largest]);

    private static readonly Gen<int> Weights = Gen.OneOf(Gen.Int[1, 10_000], Gen.Const(1), Gen.Const(10_000));

    internal static readonly Gen<(Claimant[] Domains, KiB Capacity)> FairShares = Of(Gen.Const(ClaimantPolicy.FairShare));

    internal static readonly Gen<(Claimant[] Domains, KiB Capacity)> Weighted =
        Of(Gen.OneOfConst(ClaimantPolicy.FairShare, ClaimantPolicy.Shares));

    internal static readonly Gen<(Claimant[] Domains, KiB Capacity)> Any = Of(Gen.Enum<ClaimantPolicy>());

    internal static KiB[] Solve(IEnumerable<Claimant> domains, KiB capacity)
    {
        ShareCurve[] curves = [.. domains.Select(domain => domain.Curve)];
        var shares = new KiB[curves.Length];
        new ShareSolver().Solve(curves, capacity, shares);
        return shares;
    }

    private static Gen<(Claimant[] Domains, KiB Capacity)> Of(Gen<ClaimantPolicy> policies) =>
        from tax in Gen.Int[0, 99]
        from domains in Domain(policies, tax).Array[1, 40]
        from filled in Gen.Double[-0.05, 1.05]
        select (domains, Capacity(domains, filled));

    private static Gen<Claimant> Domain(Gen<ClaimantPolicy> policies, int tax) =>
        from policy in policies
        from weight in Weights
        from active in Sizes
        from lower in Sizes
        from range in Sizes
        select new Claimant(policy, weight, active, tax, lower, policy == ClaimantPolicy.Fixed ? lower : lower + range);

    private static KiB Capacity(Claimant[] domains, double filled)
    {
        long lowest = domains.Sum(domain => domain.LowerPages), highest = domains.Sum(domain => domain.UpperPages);
        return new KiB((4 * lowest) + (long)(4 * (highest - lowest) * filled));
    }
}
