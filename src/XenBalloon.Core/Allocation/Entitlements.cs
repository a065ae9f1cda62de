using System.Runtime.InteropServices;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// Decides how much each domain is entitled to: fills the host tier by tier (<see cref="Tier"/>), within a tier by
/// weight. A tier that memory suffices for costs one addition per domain; only the tier that exhausts the memory is
/// solved.
/// </summary>
internal sealed class Entitlements
{
    private readonly ShareSolver solver = new();
    private readonly Lending lending = new();
    private readonly TierReaches reaches = new();
    private readonly LastSharing last = new();
    private ShareCurve[] curves = [];
    private KiB[] shares = [];
    private KiB[] levels = [];

    /// <summary>Shares the host's memory among the participants.</summary>
    /// <param name="host">The input of this pass.</param>
    /// <param name="participants">The domains to share among, in ascending order of domid.</param>
    /// <param name="budget">Free memory that may be granted.</param>
    /// <param name="reserved">Memory that must still be freed for reservations.</param>
    /// <returns>Whether all lower bounds together exceed the memory.</returns>
    internal bool Share(in HostPass host, List<DomainPass> participants, KiB budget, KiB reserved)
    {
        // In the unit of targets: the budget, and what the participants hold or were promised already.
        KiB capacity = budget, lowest = KiB.Zero;
        bool allReport = true;
        foreach (DomainPass domain in participants)
        {
            lowest += domain.Lower.CeilingToPage();
            capacity += domain.Holds + domain.Promised + domain.WithheldByCap;
            allReport &= domain.Demand.IsReported;
        }

        // Reservations take memory above the domains' minimums, and never below.
        capacity = KiB.Max(KiB.Min(capacity, lowest), capacity - reserved);
        Span<DomainPass> domains = CollectionsMarshal.AsSpan(participants);
        if (last.TryRepeat(domains, capacity, host)) return last.MinimumsExceedHost;
        bool exceeded = Share(domains, capacity, host.KeepFree, host.Settings);
        if (exceeded && !allReport)
        {
            // Memory in use cannot be taken to give a silent guest its boot memory back: it keeps what it has, and gets
            // the rest if there is enough.
            foreach (DomainPass domain in domains)
            {
                domain.Lower = KiB.Min(domain.Lower, KiB.Max(domain.Target, domain.Range.Minimum));
            }

            exceeded = Share(domains, capacity, host.KeepFree, host.Settings);
        }

        last.Record(domains, capacity, host, exceeded);
        return exceeded;
    }

    /// <summary>Sets each participant's entitlement and guaranteed share.</summary>
    /// <param name="domains">The participants, in ascending order of domid.</param>
    /// <param name="capacity">The memory for all of them, in the unit of their targets, without the slack.</param>
    /// <param name="keepFree">The keep-free pool: need, growth and headroom go before it.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <returns>Whether all lower bounds together exceed the capacity.</returns>
    internal bool Share(ReadOnlySpan<DomainPass> domains, KiB capacity, KiB keepFree, BalancerSettings settings)
    {
        EnsureBuffers(domains.Length);
        KiB lowest = KiB.Zero;
        foreach (DomainPass domain in domains) lowest += domain.Lower.CeilingToPage();
        if (settings.Policy == PolicyKind.FairShare || settings.Restores)
        {
            Guarantee(domains, capacity - keepFree);
            lending.Limit(domains, keepFree);
            reaches.Load(domains);
            Fill(domains, capacity, keepFree, settings.IdleTax);
            ReduceForKeptExcess(domains, capacity, keepFree, settings.IdleTax);
        }
        else
        {
            for (int i = 0; i < domains.Length; i++) curves[i] = Curve(domains[i], settings.Policy);
            Solve(domains, capacity - keepFree);
            foreach (DomainPass domain in domains) domain.ShrinkTo = domain.Entitlement;
        }

        return lowest > KiB.Max(KiB.Zero, capacity);
    }

    private static ShareCurve Curve(DomainPass domain, PolicyKind policy) => policy switch
    {
        PolicyKind.Proportional => ShareCurve.Proportional(domain.Lower, domain.Upper),
        PolicyKind.Shares => ShareCurve.Shares(domain.Weight, domain.Lower, domain.Upper),
        _ => ShareCurve.Fixed(domain.Target.Clamp(domain.Lower, domain.Upper)),
    };

    private void Fill(ReadOnlySpan<DomainPass> domains, KiB capacity, KiB keepFree, double idleTax)
    {
        for (int i = 0; i < domains.Length; i++) levels[i] = domains[i].Lower.CeilingToPage();
        FillFrom(domains, capacity, keepFree, idleTax);
        for (int i = 0; i < domains.Length; i++) domains[i].Entitlement = domains[i].ShrinkTo = levels[i];
    }

    /// <summary>
    /// Memory that a domain uses beyond its entitlement is not taken, or only slowly, so the others must share the
    /// rest: otherwise one of them would wait for memory in vain while another idles. The entitlements themselves stay.
    /// </summary>
    private void ReduceForKeptExcess(ReadOnlySpan<DomainPass> domains, KiB capacity, KiB keepFree, double idleTax)
    {
        bool anyDeprived = false;
        for (int i = 0; i < domains.Length; i++)
        {
            DomainPass domain = domains[i];
            anyDeprived |= domain.IsDeprived;
            KiB kept = KiB.Min(domain.Target, domain.LowestTarget).CeilingToPage();
            levels[i] = kept > domain.Entitlement ? kept : domain.Lower.CeilingToPage();
        }

        if (!anyDeprived) return;
        FillFrom(domains, capacity, keepFree, idleTax);
        for (int i = 0; i < domains.Length; i++)
        {
            domains[i].ShrinkTo = KiB.Min(domains[i].Entitlement, levels[i]);
        }
    }

    /// <summary>Raises all levels, tier by tier, as far as the memory suffices.</summary>
    private void FillFrom(ReadOnlySpan<DomainPass> domains, KiB capacity, KiB keepFree, double idleTax)
    {
        KiB left = capacity;
        for (int i = 0; i < domains.Length; i++) left -= levels[i];
        for (Tier tier = Tier.GuaranteedNeed; tier <= Tier.Spare; tier++)
        {
            KiB pool = tier is Tier.SwaplessBoot or Tier.Kept or Tier.Spare ? keepFree : KiB.Zero;
            left -= FillTier(domains, tier, left - pool, idleTax);
        }
    }

    /// <summary>Gives every domain what it may have for a tier, or a weighted share of what is left.</summary>
    /// <returns>The memory given.</returns>
    private KiB FillTier(ReadOnlySpan<DomainPass> domains, Tier tier, KiB left, double idleTax)
    {
        if (left < KiB.Page) return KiB.Zero;
        int count = domains.Length;
        KiB sum = reaches.Raise(tier, levels.AsSpan(0, count), shares);
        if (sum <= left)
        {
            (levels, shares) = (shares, levels);
            return sum;
        }

        KiB level = KiB.Zero;
        for (int i = 0; i < count; i++)
        {
            curves[i] = tier >= Tier.Kept
                ? ShareCurve.FairShare(domains[i].Weight, levels[i], idleTax, levels[i], shares[i])
                : ShareCurve.FairShare(domains[i].Weight, shares[i], 0, levels[i], shares[i]);
            level += levels[i];
        }

        solver.Solve(curves.AsSpan(0, count), level + left, shares.AsSpan(0, count));
        for (int i = 0; i < count; i++) levels[i] = KiB.Max(levels[i], shares[i]);
        return left;
    }

    /// <summary>
    /// Sets the guaranteed shares: the shares by weight alone if all domains claimed everything. A neighbour's reports
    /// cannot reduce them, and neither can its silence: boot memory that a silent guest gets back is not taken from
    /// them. What a domain keeps above its target is a part of its share, or a guest could keep any amount beside it.
    /// </summary>
    private void Guarantee(ReadOnlySpan<DomainPass> domains, KiB capacity)
    {
        for (int i = 0; i < domains.Length; i++)
        {
            DomainPass domain = domains[i];
            KiB offset = domain.MeasuredOffset, most = domain.Claimable + offset;
            KiB lower = domain.Demand.IsReported ? domain.Lower : KiB.Min(domain.Lower, domain.Target);
            curves[i] = ShareCurve.FairShare(domain.Weight, most, 0, lower + offset, most);
            capacity += offset;
        }

        solver.Solve(curves.AsSpan(0, domains.Length), capacity, shares.AsSpan(0, domains.Length));
        for (int i = 0; i < domains.Length; i++) domains[i].Guaranteed = shares[i] - domains[i].MeasuredOffset;
    }

    private void Solve(ReadOnlySpan<DomainPass> domains, KiB capacity)
    {
        solver.Solve(curves.AsSpan(0, domains.Length), capacity, shares.AsSpan(0, domains.Length));
        for (int i = 0; i < domains.Length; i++) domains[i].Entitlement = shares[i];
    }

    private void EnsureBuffers(int length)
    {
        if (curves.Length >= length) return;
        (curves, shares, levels) = (new ShareCurve[length * 2], new KiB[length * 2], new KiB[length * 2]);
    }
}

/// <summary>
/// Limits what is lent beyond the guaranteed shares. What a domain uses beyond its share is lent to it by the others,
/// which may need it back. From most domains it can be taken back slowly, by pressing them into swap. From a domain
/// without free swap it cannot be taken back while it is in use. So of the unused guaranteed shares only three quarters
/// are lent to such domains, whatever they claim.
/// </summary>
internal sealed class Lending
{
    private const double RiskedFraction = 0.75;

    private readonly ShareSolver solver = new();
    private ShareCurve[] requests = [];
    private KiB[] loans = [];

    /// <summary>Lowers the upper bounds of domains that would borrow more than may be risked.</summary>
    /// <param name="domains">The participants, with their guaranteed shares.</param>
    /// <param name="least">Memory that may be lent in any case: it is in no guaranteed share.</param>
    internal void Limit(ReadOnlySpan<DomainPass> domains, KiB least)
    {
        int count = domains.Length;
        if (requests.Length < count) (requests, loans) = (new ShareCurve[count * 2], new KiB[count * 2]);
        KiB requested = KiB.Zero, unused = KiB.Zero;
        for (int i = 0; i < count; i++)
        {
            DomainPass domain = domains[i];
            KiB request = KiB.Max(KiB.Zero, domain.Need - RiskFree(domain));
            requests[i] = ShareCurve.Shares(domain.Weight, KiB.Zero, request);
            requested += request;
            unused += KiB.Max(KiB.Zero, domain.Guaranteed - KiB.Max(domain.Want, domain.Lower));
        }

        KiB lendable = KiB.Max(least, unused.Times(RiskedFraction));
        if (requested <= lendable) return;
        solver.Solve(requests.AsSpan(0, count), lendable, loans.AsSpan(0, count));
        for (int i = 0; i < count; i++)
        {
            if (requests[i].Upper <= loans[i]) continue;
            domains[i].Upper = KiB.Max(domains[i].Lower, RiskFree(domains[i]) + loans[i]);
        }
    }

    /// <summary>
    /// What a domain may have without risk: its guaranteed share, and memory that can be taken back. A pinned size is
    /// always allowed.
    /// </summary>
    private static KiB RiskFree(DomainPass domain) =>
        domain.Settings.Pin is not null ? domain.Upper
        : domain.IsSwapless ? KiB.Max(domain.Guaranteed, domain.BootMemory ?? domain.Target)
        : domain.Demand.KilledPrograms ? KiB.Max(WithSwap(domain), domain.BootMemory ?? KiB.Zero)
        : WithSwap(domain);

    private static KiB WithSwap(DomainPass domain) =>
        domain.SwapHeadroom is { } headroom ? domain.Guaranteed + KiB.Max(KiB.Zero, headroom)
        : domain.Upper;
}
