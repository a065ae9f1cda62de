using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Tells whether a domain is still being populated on demand. An HVM or PVH domain whose target is below its static maximum boots with entries for
/// the whole of the latter and memory for the former. Its balloon gives entries up until there are no more of them than memory kept for them; what
/// is left then is free memory that the guest never touched. It may stay so for as long as the domain lives, and nothing hangs on it.
/// </summary>
internal sealed class PopulationGauge(IHypervisor hypervisor)
{
    /// <summary>
    /// Balloon drivers round, and may stop this much short for good (as Xen's check for XSA-153 allows too). The remedy is a lower target, so such a
    /// domain must not be left alone.
    /// </summary>
    private static readonly KiB Rounding = KiB.FromMiB(1);

    /// <summary>Asks the hypervisor, unless the answer is known for good.</summary>
    /// <param name="domain">As the hypervisor holds it.</param>
    /// <param name="tracked">What we remember of it.</param>
    /// <param name="lifecycle">Where it is in its life.</param>
    public bool IsPopulating(in HypervisorDomain domain, TrackedDomain tracked, DomainLifecycle lifecycle)
    {
        if (domain.Kind == DomainKind.Pv || tracked.IsPopulated) return false;

        // A hypervisor that does not say knows no such thing.
        bool populating = hypervisor.Pod(domain.Identity.Domid) is { } pod && pod.Entries > pod.Cache + Rounding;

        // Only who builds a domain makes entries. Once it runs they become fewer only, and a reboot gives it another domid.
        tracked.IsPopulated = !populating && lifecycle == DomainLifecycle.Running;
        return populating;
    }
}
