using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Allocation;

/// <summary>A domain as policy.md describes it, with the policies' formulas written out once more in decimal numbers.</summary>
/// <param name="Policy">Which curve it has.</param>
/// <param name="Weight">w.</param>
/// <param name="Active">A, in KiB.</param>
/// <param name="TaxPercent">τ, in percent, so that it is exact in decimal.</param>
/// <param name="Lower">l, in KiB.</param>
/// <param name="Upper">u, in KiB.</param>
internal sealed record Claimant(ClaimantPolicy Policy, int Weight, long Active, int TaxPercent, long Lower, long Upper)
{
    /// <summary>Whole pages: the lower bound that counts.</summary>
    internal long LowerPages => (Lower + 3) / 4;

    /// <summary>Whole pages: the upper bound that counts.</summary>
    internal long UpperPages => Math.Max(LowerPages, Upper / 4);

    internal ShareCurve Curve => Policy switch
    {
        ClaimantPolicy.FairShare => ShareCurve.FairShare(Weight, new KiB(Active), TaxPercent / 100.0, new KiB(Lower), new KiB(Upper)),
        ClaimantPolicy.Proportional => ShareCurve.Proportional(new KiB(Lower), new KiB(Upper)),
        ClaimantPolicy.Shares => ShareCurve.Shares(Weight, new KiB(Lower), new KiB(Upper)),
        _ => ShareCurve.Fixed(new KiB(Lower)),
    };

    /// <summary>What it gets at a level, in pages.</summary>
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
