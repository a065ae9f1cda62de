using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// Who is entitled to how much: fills the host tier by tier (<see cref="Tier"/>), within a tier by weight. A tier for
/// which there is enough costs one addition a domain; only the one that there is not enough for is solved.
/// </summary>
internal sealed class Entitlements
{
    private readonly ShareSolver solver = new();
    private readonly Lending lending = new();
    private ShareCurve[] curves = [];
    private KiB[] shares = [];
    private KiB[] levels = [];

    /// <summary>Sets each participant's entitlement and guaranteed share.</summary>
    /// <param name="parts">The domains that take part, in ascending order of domid.</param>
    /// <param name="capacity">What they can have together, in the unit of their targets, down to the slack.</param>
    /// <param name="keepFree">The keep-free pool: what is needed, what will be, and headroom go before it.</param>
    /// <param name="settings">Whose policy it is.</param>
    /// <returns>Whether even all lower bounds together are more than there is.</returns>
    internal bool Share(ReadOnlySpan<DomainCase> parts, KiB capacity, KiB keepFree, BalancerSettings settings)
    {
        Grow(parts.Length);
        KiB lowest = KiB.Zero;
        foreach (DomainCase part in parts) lowest += part.Lower.CeilingToPage();
        if (settings.Policy == PolicyKind.FairShare)
        {
            Guarantee(parts, capacity - keepFree);
            lending.Limit(parts, keepFree);
            Fill(parts, capacity, keepFree, settings.IdleTax);
            YieldToThoseThatKeep(parts, capacity, keepFree, settings.IdleTax);
        }
        else
        {
            for (int i = 0; i < parts.Length; i++) curves[i] = Curve(parts[i], settings.Policy);
            Solve(parts, capacity - keepFree);
            foreach (DomainCase part in parts) part.DownTo = part.Entitlement;
        }

        return lowest > KiB.Max(KiB.Zero, capacity);
    }

    private static ShareCurve Curve(DomainCase part, PolicyKind policy) => policy switch
    {
        PolicyKind.Proportional => ShareCurve.Proportional(part.Lower, part.Upper),
        PolicyKind.Shares => ShareCurve.Shares(part.Weight, part.Lower, part.Upper),
        _ => ShareCurve.Fixed(part.Target.Clamp(part.Lower, part.Upper)),
    };

    private void Fill(ReadOnlySpan<DomainCase> parts, KiB capacity, KiB keepFree, double idleTax)
    {
        for (int i = 0; i < parts.Length; i++) levels[i] = parts[i].Lower.CeilingToPage();
        FillFrom(parts, capacity, keepFree, idleTax);
        for (int i = 0; i < parts.Length; i++) parts[i].Entitlement = parts[i].DownTo = levels[i];
    }

    /// <summary>
    /// What a domain uses beyond its entitlement is not taken, or only little by little. The others cannot have it, and
    /// must do with the rest, or one of them would wait for it in vain while another idles. Entitlements stay what they
    /// should be.
    /// </summary>
    private void YieldToThoseThatKeep(ReadOnlySpan<DomainCase> parts, KiB capacity, KiB keepFree, double idleTax)
    {
        bool anyDeprived = false;
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            anyDeprived |= part.Deprived;
            KiB kept = KiB.Min(part.Target, part.LowestTarget).CeilingToPage();
            levels[i] = kept > part.Entitlement ? kept : part.Lower.CeilingToPage();
        }

        if (!anyDeprived) return;
        FillFrom(parts, capacity, keepFree, idleTax);
        for (int i = 0; i < parts.Length; i++) parts[i].DownTo = KiB.Min(parts[i].Entitlement, levels[i]);
    }

    /// <summary>Raises all levels, tier by tier, as far as there is memory.</summary>
    private void FillFrom(ReadOnlySpan<DomainCase> parts, KiB capacity, KiB keepFree, double idleTax)
    {
        KiB left = capacity;
        for (int i = 0; i < parts.Length; i++) left -= levels[i];
        for (Tier tier = Tier.Right; tier <= Tier.Spare; tier++)
        {
            KiB pool = tier is Tier.SwaplessBoot or Tier.Kept or Tier.Spare ? keepFree : KiB.Zero;
            left -= FillTier(parts, tier, left - pool, idleTax);
        }
    }

    /// <summary>Gives every domain what it may have for a tier, or a weighted share of what there is.</summary>
    /// <returns>What that takes.</returns>
    private KiB FillTier(ReadOnlySpan<DomainCase> parts, Tier tier, KiB left, double idleTax)
    {
        if (left < KiB.Page) return KiB.Zero;
        KiB sum = KiB.Zero, level = KiB.Zero;
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            KiB most = KiB.Max(levels[i], KiB.Min(Tiers.Most(part, tier), part.Upper).FloorToPage());
            curves[i] = tier >= Tier.Kept
                ? ShareCurve.FairShare(part.Weight, levels[i], idleTax, levels[i], most)
                : ShareCurve.FairShare(part.Weight, most, 0, levels[i], most);
            sum += most - levels[i];
            level += levels[i];
            shares[i] = most;
        }

        bool isEnough = sum <= left;
        if (!isEnough) solver.Solve(curves.AsSpan(0, parts.Length), level + left, shares.AsSpan(0, parts.Length));
        for (int i = 0; i < parts.Length; i++) levels[i] = KiB.Max(levels[i], shares[i]);

        return isEnough ? sum : left;
    }

    /// <summary>
    /// What each would get if all claimed everything: by weight alone. What a neighbour says cannot make it less, and
    /// neither can a neighbour's silence: the boot memory that such a one is to get back is no claim on what is others'
    /// by right.
    /// </summary>
    private void Guarantee(ReadOnlySpan<DomainCase> parts, KiB capacity)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            KiB lower = part.Demand.IsReported ? part.Lower : KiB.Min(part.Lower, part.Target);
            curves[i] = ShareCurve.FairShare(part.Weight, part.Claimable, 0, lower, part.Claimable);
        }

        solver.Solve(curves.AsSpan(0, parts.Length), capacity, shares.AsSpan(0, parts.Length));
        for (int i = 0; i < parts.Length; i++) parts[i].Guaranteed = shares[i];
    }

    private void Solve(ReadOnlySpan<DomainCase> parts, KiB capacity)
    {
        solver.Solve(curves.AsSpan(0, parts.Length), capacity, shares.AsSpan(0, parts.Length));
        for (int i = 0; i < parts.Length; i++) parts[i].Entitlement = shares[i];
    }

    private void Grow(int length)
    {
        if (curves.Length >= length) return;
        (curves, shares, levels) = (new ShareCurve[length * 2], new KiB[length * 2], new KiB[length * 2]);
    }
}
