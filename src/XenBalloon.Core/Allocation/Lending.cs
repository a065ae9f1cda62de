using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// What a domain uses beyond its guaranteed share belongs to others, and whoever cannot give it back (no swap to press it into) may keep it for ever: then a
/// neighbour that comes to need its own share finds it gone. So of what is not used of all guaranteed shares, only the part that is taxed away (τ) is lent
/// like that, whatever the borrowers claim; the rest stays where its owners can have it.
/// </summary>
internal sealed class Lending
{
    private readonly ShareSolver solver = new();
    private ShareCurve[] wishes = [];
    private KiB[] loans = [];

    /// <summary>Lowers the upper bounds of those that would be lent more than can be risked.</summary>
    /// <param name="parts">The domains that take part, with their guaranteed shares.</param>
    /// <param name="idleTax">τ.</param>
    /// <param name="least">What may be lent in any case: it is in nobody's guaranteed share.</param>
    internal void Limit(ReadOnlySpan<DomainCase> parts, double idleTax, KiB least)
    {
        if (wishes.Length < parts.Length) (wishes, loans) = (new ShareCurve[parts.Length * 2], new KiB[parts.Length * 2]);
        KiB wished = KiB.Zero, unused = KiB.Zero;
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            KiB wish = KiB.Max(KiB.Zero, part.Need - Safe(part));
            wishes[i] = ShareCurve.Shares(part.Weight, KiB.Zero, wish);
            wished += wish;
            unused += KiB.Max(KiB.Zero, part.Guaranteed - KiB.Max(part.Demand.Want, part.Lower));
        }

        KiB lendable = KiB.Max(least, unused.Times(idleTax));
        if (wished <= lendable) return;
        solver.Solve(wishes.AsSpan(0, parts.Length), lendable, loans.AsSpan(0, parts.Length));
        for (int i = 0; i < parts.Length; i++)
        {
            if (wishes[i].Upper > loans[i]) parts[i].Upper = KiB.Max(parts[i].Lower, Safe(parts[i]) + loans[i]);
        }
    }

    /// <summary>
    /// What it may have without risk: its own, and what could be pressed out of it again. One without swap may use what it booted with, for it would die of
    /// having less: that its neighbours go short is the smaller harm. And the operator's word for a size counts.
    /// </summary>
    private static KiB Safe(DomainCase part)
    {
        if (part.Settings.Pin is not null) return part.Upper;
        if (part.IsSwapless) return KiB.Max(part.Guaranteed, part.BootMemory ?? part.Target);
        return part.Guaranteed + KiB.Max(KiB.Zero, part.Estimator.SwapRoom ?? KiB.Zero);
    }
}
