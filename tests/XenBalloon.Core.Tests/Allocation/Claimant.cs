using CsCheck;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>A domain as in policy.md, with the policies' formulas in decimal numbers.</summary>
/// <param name="Policy">Its curve.</param>
/// <param name="Weight">w.</param>
/// <param name="Active">A, in KiB.</param>
/// <param name="TaxPercent">τ, in percent, so that it is exact in decimal.</param>
/// <param name="Lower">l, in KiB.</param>
/// <param name="Upper">u, in KiB.</param>
internal sealed record Claimant(ClaimantPolicy Policy, int Weight, long Active, int TaxPercent, long Lower, long Upper)
{
    /// <summary>The lower bound in force, in whole pages.</summary>
    internal long LowerPages => (Lower + 3) / 4;

    /// <summary>The upper bound in force, in whole pages.</summary>
    internal long UpperPages => Math.Max(LowerPages, Upper / 4);

    internal ShareCurve Curve => Policy switch
    {
        ClaimantPolicy.FairShare =>
            ShareCurve.FairShare(Weight, new KiB(Active), TaxPercent / 100.0, new KiB(Lower), new KiB(Upper)),
        ClaimantPolicy.Proportional => ShareCurve.Proportional(new KiB(Lower), new KiB(Upper)),
        ClaimantPolicy.Shares => ShareCurve.Shares(Weight, new KiB(Lower), new KiB(Upper)),
        _ => ShareCurve.Fixed(new KiB(Lower)),
    };

    /// <summary>Its amount at a level, in pages.</summary>
    internal decimal PagesAt(decimal level)
    {
        decimal tax = TaxPercent / 100m, share = Weight * level;
        decimal free = Policy switch
        {
            ClaimantPolicy.FairShare => share <= Active ? share : (tax * Active) + ((1 - tax) * share),
            ClaimantPolicy.Proportional => Lower + (level * Math.Max(0, Upper - Lower)),
            ClaimantPolicy.Shares => Lower + share,
            _ => Lower,
        };
        return Policy == ClaimantPolicy.Fixed ? LowerPages : Math.Clamp(free / 4, LowerPages, UpperPages);
    }
}

/// <summary>The policies' curves.</summary>
internal enum ClaimantPolicy
{
    FairShare,
    Proportional,
    Shares,
    Fixed,
}

/// <summary>
/// A slow and obviously correct solver without rounding: bisects the range of levels in decimal numbers.
/// </summary>
internal static class ExactShares
{
    private const int Halvings = 160;

    /// <summary>The amount of each domain, in pages with fractions.</summary>
    internal static decimal[] Of(Claimant[] domains, long capacityPages)
    {
        decimal low = 0, high = 1L << 50;
        for (int i = 0; i < Halvings && high - low > 0; i++)
        {
            decimal middle = (low + high) / 2;
            if (domains.Sum(domain => domain.PagesAt(middle)) <= capacityPages) low = middle;
            else high = middle;
        }

        return [.. domains.Select(domain => domain.PagesAt(low))];
    }
}

/// <summary>Random hosts for the solver: usual, tiny and extreme sizes, empty ranges, and mixed policies.</summary>
internal static class RandomHosts
{
    private const long Largest = 1L << 40;

    private static readonly Gen<long> Sizes = Gen.OneOf(
        Gen.Long[0, 40], Gen.Long[0, 64L << 20], Gen.Const(4096L), Gen.Long[0, Largest]);

    private static readonly Gen<int> Weights = Gen.OneOf(Gen.Int[1, 10_000], Gen.Const(1), Gen.Const(10_000));

    internal static readonly Gen<(Claimant[] Domains, KiB Capacity)> FairShares = Of(
        Gen.Const(ClaimantPolicy.FairShare));

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
