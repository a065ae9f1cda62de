using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Computes how much free memory may be granted in a pass. Growth is granted from memory that the hypervisor shows free
/// now, so granted memory is there whatever the reports say ("free before allocate").
/// </summary>
internal static class GrowthBudget
{
    /// <summary>
    /// Free memory without the slack and without what was granted before and not yet taken. It then restores caps out
    /// of the result.
    /// </summary>
    internal static KiB Compute(in HostPass host, List<DomainPass> domains)
    {
        bool onlyFree = host.Rules.Hold(SafetyRule.FreeBeforeAllocate);
        KiB budget = (onlyFree ? host.Snapshot.Free : host.Snapshot.Total) - host.Settings.Slack;
        if (host.Rules.Hold(SafetyRule.PromisesCount))
        {
            foreach (DomainPass domain in domains) budget -= domain.Promised;
        }

        return budget - RestoreCaps(domains, budget);
    }

    /// <summary>
    /// A cap that was lowered while its domain did not run withholds memory that the target promises. If that memory is
    /// still free, it is granted again. If another domain has it by now, the target is lowered to what the domain
    /// holds, and the domain grows like any other. A domain that is never shrunk waits below its target.
    /// </summary>
    /// <returns>The memory granted.</returns>
    private static KiB RestoreCaps(List<DomainPass> domains, KiB budget)
    {
        KiB restored = KiB.Zero;
        foreach (DomainPass domain in domains)
        {
            bool mayRestore = domain.ExclusionReason
                is null or ReasonKind.Silent or ReasonKind.Overridden or ReasonKind.Stuck or ReasonKind.NotRecreatable;
            if (domain.WithheldByCap <= KiB.Zero || !mayRestore) continue;
            KiB holds = domain.Snapshot.Actual.FloorToPage();
            domain.MayRestoreCap = domain.WithheldByCap <= budget - restored
                || !domain.Rules.Hold(SafetyRule.CapRisesOutOfFree);
            if (domain.MayRestoreCap)
            {
                restored += domain.WithheldByCap;
            }
            else if (holds < domain.Target && !domain.IsNeverShrunk)
            {
                (domain.NewTarget, domain.ExclusionReason) = (holds, ReasonKind.WaitingForMemory);
            }
        }

        return restored;
    }
}
