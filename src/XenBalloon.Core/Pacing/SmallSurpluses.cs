using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Takes from few domains what many have beyond their entitlements. If each of many idle domains has a little too
/// much, less than a step that is worth a write, none of them would move, and the domain or the reservation that lacks
/// the sum would wait for ever. So some of them give a whole step, and fall below their entitlement by less than that.
/// </summary>
internal sealed class SmallSurpluses
{
    private readonly List<DomainPass> donors = [];

    /// <summary>
    /// Lowers <see cref="DomainPass.ShrinkTo"/> of some domains, unless what is wanted comes from others.
    /// </summary>
    /// <param name="participants">The participants, with their entitlements.</param>
    /// <param name="budget">Free memory that may be granted.</param>
    /// <param name="wanted">Memory that must be free for other purposes than the growth of domains.</param>
    internal void Gather(List<DomainPass> participants, KiB budget, KiB wanted)
    {
        KiB missing = wanted - budget, small = KiB.Zero;
        foreach (DomainPass domain in participants)
        {
            if (domain.WantsGrowth) missing += domain.Reachable - domain.Target;
            if (domain.Balloon.Health == BalloonHealth.Slow) continue;
            KiB surplus = Surplus(domain), arriving = KiB.Max(KiB.Zero, domain.Holds - domain.Target);
            bool isSmall = surplus < domain.DeadBand;
            missing -= isSmall ? arriving : arriving + surplus;
            if (isSmall) small += surplus;
        }

        missing = KiB.Min(missing, small);
        if (missing <= KiB.Zero) return;
        donors.Clear();
        foreach (DomainPass domain in participants)
        {
            if (CanGiveStep(domain)) donors.Add(domain);
        }

        donors.Sort(CompareIdle);
        foreach (DomainPass donor in donors)
        {
            if (missing <= KiB.Zero) return;
            donor.ShrinkTo = donor.Target - donor.DeadBand;
            missing -= donor.DeadBand;
        }
    }

    /// <summary>Orders by idle memory, the most first, and equal domains always in the same way.</summary>
    private static int CompareIdle(DomainPass one, DomainPass other)
    {
        int order = Idle(other).CompareTo(Idle(one));
        return order != 0 ? order : one.Identity.Domid.CompareTo(other.Identity.Domid);
    }

    /// <summary>Whether a domain has less than a step too much, and could give a step.</summary>
    private static bool CanGiveStep(DomainPass domain)
    {
        KiB surplus = Surplus(domain);
        return surplus > KiB.Zero
            && surplus < domain.DeadBand
            && domain.Balloon is { IsResting: true, Health: not BalloonHealth.Slow }
            && domain.Target - domain.DeadBand >= Least(domain);
    }

    /// <summary>What it has beyond what it wants.</summary>
    private static KiB Idle(DomainPass domain) => domain.Target - KiB.Max(domain.Want, Least(domain));

    private static KiB Least(DomainPass domain) => KiB.Max(
        KiB.Max(domain.LowestReachable, domain.LowestTarget), KiB.Min(domain.Need, domain.Target));

    private static KiB Surplus(DomainPass domain) =>
        KiB.Max(KiB.Zero, domain.Target - KiB.Max(domain.ShrinkTo, domain.LowestTarget));
}
