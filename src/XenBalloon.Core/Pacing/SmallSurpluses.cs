using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Takes what many domains owe from few. If each of many idle domains should give a little, less than a step that is
/// worth a write, none of them would move, and the domain or the reservation that lacks the sum would wait for ever.
/// So some of them give a whole step, and fall below their entitlement by less than that.
/// </summary>
internal static class SmallSurpluses
{
    /// <summary>
    /// Lowers <see cref="DomainPass.ShrinkTo"/> of some domains, unless what is wanted comes from others.
    /// </summary>
    /// <param name="participants">The participants, with their entitlements.</param>
    /// <param name="budget">Free memory that may be granted.</param>
    /// <param name="reserved">Memory that must still be freed for reservations.</param>
    internal static void Gather(List<DomainPass> participants, KiB budget, KiB reserved)
    {
        KiB missing = reserved - KiB.Max(KiB.Zero, budget), small = KiB.Zero;
        foreach (DomainPass domain in participants)
        {
            if (domain.WantsGrowth) missing += domain.Entitlement - domain.Target;
            if (domain.Balloon.Health == BalloonHealth.Slow) continue;
            KiB surplus = Surplus(domain), arriving = KiB.Max(KiB.Zero, domain.Holds - domain.Target);
            bool isSmall = surplus < domain.DeadBand;
            missing -= isSmall ? arriving : arriving + surplus;
            if (isSmall) small += surplus;
        }

        missing = KiB.Min(missing, small);
        while (missing > KiB.Zero && MostIdle(participants) is { } donor)
        {
            donor.ShrinkTo = donor.Target - donor.DeadBand;
            missing -= donor.DeadBand;
        }
    }

    /// <summary>The domain that has the most beyond what it wants, of those that owe less than a step.</summary>
    private static DomainPass? MostIdle(List<DomainPass> participants)
    {
        DomainPass? found = null;
        KiB most = KiB.Zero;
        foreach (DomainPass domain in participants)
        {
            KiB surplus = Surplus(domain);
            bool mayGive = surplus > KiB.Zero && surplus < domain.DeadBand
                && domain.Balloon is { IsResting: true, Health: not BalloonHealth.Slow };
            KiB least = KiB.Max(domain.LowestReachable, domain.LowestTarget);
            if (!mayGive || domain.Target - domain.DeadBand < least) continue;
            KiB idle = domain.Target - KiB.Max(domain.Want, least);
            if (found is null || idle > most) (found, most) = (domain, idle);
        }

        return found;
    }

    private static KiB Surplus(DomainPass domain) =>
        KiB.Max(KiB.Zero, domain.Target - KiB.Max(domain.ShrinkTo, domain.LowestTarget));
}
