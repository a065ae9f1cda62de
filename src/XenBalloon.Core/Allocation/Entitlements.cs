using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Allocation;

/// <summary>Who is entitled to how much: the host's memory shared out among the domains that take part.</summary>
internal sealed class Entitlements
{
    /// <summary>Of the keep-free pool, what any domain in need may draw on; the rest is for those who lack their guaranteed share.</summary>
    internal const double PoolForAll = 0.75;

    /// <summary>Each round finds some more that keep what they use; after so many, what is left to find is not worth it.</summary>
    private const int MostRounds = 4;

    private readonly ShareSolver solver = new();
    private readonly Lending lending = new();
    private ShareCurve[] curves = [];
    private KiB[] shares = [];

    /// <summary>Sets each participant's entitlement and guaranteed share.</summary>
    /// <param name="parts">The domains that take part, in ascending order of domid.</param>
    /// <param name="capacity">What they can have together, in the unit of their targets, without the keep-free pool.</param>
    /// <param name="keepFree">The keep-free pool: only a domain that would otherwise have less than it needs may draw on it.</param>
    /// <param name="settings">Whose policy it is.</param>
    /// <returns>Whether even all lower bounds together are more than there is.</returns>
    internal bool Share(ReadOnlySpan<DomainCase> parts, KiB capacity, KiB keepFree, BalancerSettings settings)
    {
        Grow(parts.Length);
        if (settings.Policy == PolicyKind.FairShare)
        {
            Guarantee(parts, capacity);
            lending.Limit(parts, settings.IdleTax, keepFree.Times(PoolForAll));
        }

        for (int i = 0; i < parts.Length; i++) curves[i] = Curve(parts[i], settings);
        solver.Solve(curves.AsSpan(0, parts.Length), capacity, shares.AsSpan(0, parts.Length));
        KiB sum = KiB.Zero;
        bool anyShort = false, anyDeprived = false;
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            sum += part.Entitlement = part.Attainable = shares[i];
            anyShort |= part.Entitlement < part.Need || part.Lacks;
            anyDeprived |= part.Deprived;
        }

        if (anyDeprived) YieldToThoseThatKeep(parts, capacity);
        if (parts.Length > 0 && sum > KiB.Max(KiB.Zero, capacity + keepFree)) return true;
        if (!anyShort || settings.Policy != PolicyKind.FairShare) return false;

        if (keepFree > KiB.Zero) Draw(parts, capacity + keepFree.Times(PoolForAll), settings.IdleTax);
        return false;
    }

    /// <summary>
    /// What a domain uses beyond its entitlement is not taken, or only little by little: the others cannot have it, and must do with the rest, or one of them
    /// would wait for it in vain while another idles. Its own entitlement stays what it should be.
    /// </summary>
    private void YieldToThoseThatKeep(ReadOnlySpan<DomainCase> parts, KiB capacity)
    {
        bool any;
        int rounds = 0;
        do
        {
            any = false;
            for (int i = 0; i < parts.Length; i++)
            {
                KiB kept = KiB.Min(parts[i].Target, parts[i].LowestTarget).CeilingToPage();
                if (shares[i] >= kept) continue;
                curves[i] = ShareCurve.Fixed(kept);
                any = true;
            }

            if (any) solver.Solve(curves.AsSpan(0, parts.Length), capacity, shares.AsSpan(0, parts.Length));
        }
        while (any && ++rounds < MostRounds);

        for (int i = 0; i < parts.Length; i++) parts[i].Attainable = KiB.Min(parts[i].Entitlement, shares[i]);
    }

    /// <summary>Lets those that would have less than they need draw on the keep-free pool.</summary>
    private void Draw(ReadOnlySpan<DomainCase> parts, KiB capacity, double idleTax)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            KiB most = KiB.Max(part.Entitlement, KiB.Min(part.Need, part.Upper));
            curves[i] = ShareCurve.FairShare(part.Weight, part.Need, idleTax, part.Entitlement, most);
        }

        solver.Solve(curves.AsSpan(0, parts.Length), capacity, shares.AsSpan(0, parts.Length));
        for (int i = 0; i < parts.Length; i++)
        {
            if (shares[i] > parts[i].Entitlement) parts[i].Entitlement = parts[i].Attainable = shares[i];
        }
    }

    private static ShareCurve Curve(DomainCase part, BalancerSettings settings) => settings.Policy switch
    {
        PolicyKind.Proportional => ShareCurve.Proportional(part.Lower, part.Upper),
        PolicyKind.Shares => ShareCurve.Shares(part.Weight, part.Lower, part.Upper),
        PolicyKind.Static => ShareCurve.Fixed(part.Target.Clamp(part.Lower, part.Upper)),
        _ => ShareCurve.FairShare(part.Weight, part.Need, settings.IdleTax, part.Lower, part.Upper),
    };

    /// <summary>
    /// What each would get if all claimed everything: by weight alone. What a neighbour says cannot make it less, and neither can a neighbour's silence: the
    /// boot memory that such a one is to get back is no claim on what is others' by right.
    /// </summary>
    private void Guarantee(ReadOnlySpan<DomainCase> parts, KiB capacity)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            DomainCase part = parts[i];
            KiB lower = part.Demand.IsHeard ? part.Lower : KiB.Min(part.Lower, part.Target);
            curves[i] = ShareCurve.FairShare(part.Weight, part.Claimable, 0, lower, part.Claimable);
        }

        solver.Solve(curves.AsSpan(0, parts.Length), capacity, shares.AsSpan(0, parts.Length));
        for (int i = 0; i < parts.Length; i++) parts[i].Guaranteed = shares[i];
    }

    private void Grow(int length)
    {
        if (curves.Length >= length) return;
        curves = new ShareCurve[length * 2];
        shares = new KiB[length * 2];
    }
}
