using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>Puts together what is known of each domain: snapshot, memory of earlier steps, the operator's wishes.</summary>
internal static class CaseReader
{
    internal static DomainCase[] Read(BalancerState state, HostSnapshot snapshot, BalancerSettings settings)
    {
        DomainSnapshot[] domains = [.. snapshot.Domains];
        Array.Sort(domains, (left, right) => left.Identity.Domid.CompareTo(right.Identity.Domid));
        var cases = new DomainCase[domains.Length];
        int known = 0;
        for (int i = 0; i < domains.Length; i++)
        {
            DomainIdentity identity = domains[i].Identity;
            while (known < state.Domains.Length && state.Domains[known].Identity.Domid < identity.Domid) known++;
            bool remembered = known < state.Domains.Length && state.Domains[known].Identity == identity;
            DomainState before = remembered ? state.Domains[known] : new DomainState { Identity = identity, FirstSeen = snapshot.At };
            cases[i] = Read(before, domains[i], snapshot.At, settings);
        }

        return cases;
    }

    private static DomainCase Read(DomainState before, DomainSnapshot domain, TimeSpan now, BalancerSettings settings)
    {
        DomainSettings own = settings.For(domain.Identity, domain.Name);
        DomainRange range = DomainRange.Of(domain, own);
        BalloonState balloon = BalloonTracker.Update(before.Balloon, domain, now);
        (DemandState demandState, DomainDemand demand) = DemandEstimator.Update(before.Demand, domain, balloon, now, settings);
        KiB? boot = domain.BootMemory ?? before.BootMemory ?? domain.Target;

        // No word for all domains is meant for the one that the toolstack lives in.
        bool managed = !domain.Identity.IsDom0 && own.Managed != false;

        // A guest that tells nothing keeps what it has, and gets back to its boot memory if it was below it when it fell silent.
        KiB target = domain.Target ?? domain.Actual;
        bool heard = demand.Verdict == ReportVerdict.Fresh;
        KiB guaranteed = KiB.Max(target, (boot ?? target).Clamp(KiB.Zero, KiB.Max(range.Maximum, KiB.Zero)));
        return new DomainCase
        {
            Domain = domain,
            Settings = own,
            Range = range,
            Before = before,
            Balloon = balloon,
            DemandState = demandState,
            Demand = heard ? demand : demand with { Hot = target, Want = guaranteed, Floor = target },
            BootMemory = boot,
            Managed = managed,
            Lower = heard ? range.Minimum : guaranteed,
            Upper = heard ? range.Maximum : guaranteed,
            LeftOut = WhyLeftOut(domain, managed, range, balloon, now, heard, guaranteed > target && HasFallenSilent(demand, before, now, settings)),
            Entitlement = target,
            Next = target,
        };
    }

    /// <summary>After a start of ours nobody has been heard yet: that alone moves no memory.</summary>
    private static bool HasFallenSilent(DomainDemand demand, DomainState before, TimeSpan now, BalancerSettings settings) =>
        demand.Verdict == ReportVerdict.Stale || (demand.Verdict == ReportVerdict.Silent && now - before.FirstSeen > settings.StaleAfter);

    private static ReasonKind? WhyLeftOut(
        DomainSnapshot domain, bool managed, DomainRange range, BalloonState balloon, TimeSpan now, bool heard, bool owedMemory)
    {
        if (!managed) return ReasonKind.Unmanaged;
        if (domain.Lifecycle == DomainLifecycle.Building || domain.Target is null) return ReasonKind.Starting;
        if (domain.Lifecycle != DomainLifecycle.Running) return ReasonKind.NotRunning;
        if (range.IsEmpty) return ReasonKind.NoRange;
        if (now < balloon.StuckUntil) return ReasonKind.Stuck;
        return heard || owedMemory ? null : ReasonKind.Silent;
    }
}
