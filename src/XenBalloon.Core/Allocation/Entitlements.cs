using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>Who is entitled to how much: the host's memory shared out among the domains that take part.</summary>
internal static class Entitlements
{
    /// <summary>Sets each participant's entitlement.</summary>
    /// <param name="parts">The domains that take part, in ascending order of domid.</param>
    /// <param name="capacity">What they can have together, in the unit of their targets, without the keep-free pool.</param>
    /// <param name="keepFree">The keep-free pool: only a domain that would otherwise have less than it wants may draw on it.</param>
    /// <param name="idleTax">τ.</param>
    /// <returns>Whether even all lower bounds together are more than there is.</returns>
    internal static bool Share(DomainCase[] parts, KiB capacity, KiB keepFree, double idleTax)
    {
        var shares = new KiB[parts.Length];
        Solve(parts, part => new ShareCurve(part.Weight, part.Want, part.Lower, part.Upper), capacity, idleTax, shares);
        for (int i = 0; i < parts.Length; i++) parts[i].Entitlement = shares[i];
        bool exceeded = shares.Length > 0 && Sum(shares) > KiB.Max(KiB.Zero, capacity + keepFree);
        if (keepFree <= KiB.Zero || exceeded) return exceeded;

        Solve(parts, part => new ShareCurve(part.Weight, part.Want, part.Entitlement, KiB.Max(part.Entitlement, part.Want)), capacity + keepFree, idleTax, shares);
        for (int i = 0; i < parts.Length; i++) parts[i].Entitlement = shares[i];
        return false;
    }

    private static void Solve(DomainCase[] parts, Func<DomainCase, ShareCurve> curve, KiB capacity, double idleTax, KiB[] shares) =>
        FairShareSolver.Solve(Array.ConvertAll(parts, part => curve(part)), capacity, idleTax, shares);

    private static KiB Sum(KiB[] shares)
    {
        KiB sum = KiB.Zero;
        foreach (KiB share in shares) sum += share;
        return sum;
    }
}
