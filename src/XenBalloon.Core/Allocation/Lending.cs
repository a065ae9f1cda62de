using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// What a domain uses beyond its guaranteed share is lent to it by the others, and may be wanted back. From most it can
/// be had back: pressed into swap, little by little. What cannot be had back stays with its borrower for as long as it
/// is used, so of what the others do not use of their guaranteed shares only three quarters are lent like that,
/// whatever the borrowers claim.
/// </summary>
internal sealed class Lending
{
    private const double RiskedPart = 0.75;

    private readonly ShareSolver solver = new();
    private ShareCurve[] wishes = [];
    private KiB[] loans = [];

    /// <summary>Lowers the upper bounds of those that would be lent more than can be risked.</summary>
    /// <param name="parts">The domains that take part, with their guaranteed shares.</param>
    /// <param name="least">What may be lent in any case: it is in nobody's guaranteed share.</param>
    internal void Limit(ReadOnlySpan<DomainCase> parts, KiB least)
    {
        if (wishes.Length < parts.Length) (wishes, loans) = (new ShareCurve[parts.Length * 2], new KiB[parts.Length * 2]);
        KiB wished = KiB.Zero, unused = KiB.Zero;
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            KiB wish = KiB.Max(KiB.Zero, part.Need - Safe(part));
            wishes[i] = ShareCurve.Shares(part.Weight, KiB.Zero, wish);
            wished += wish;
            unused += KiB.Max(KiB.Zero, part.Guaranteed - KiB.Max(part.Want, part.Lower));
        }

        KiB lendable = KiB.Max(least, unused.Times(RiskedPart));
        if (wished <= lendable) return;
        solver.Solve(wishes.AsSpan(0, parts.Length), lendable, loans.AsSpan(0, parts.Length));
        for (int i = 0; i < parts.Length; i++)
        {
            if (wishes[i].Upper > loans[i]) parts[i].Upper = KiB.Max(parts[i].Lower, Safe(parts[i]) + loans[i]);
        }
    }

    /// <summary>What it may have without risk: its own, and what could be had back. The operator's word for a size counts.</summary>
    private static KiB Safe(DomainCase part) =>
        part.Settings.Pin is not null ? part.Upper
        : part.IsSwapless ? KiB.Max(part.Guaranteed, part.BootMemory ?? part.Target)
        : part.SwapHeadroom is { } room ? part.Guaranteed + KiB.Max(KiB.Zero, room)
        : part.Upper;
}
