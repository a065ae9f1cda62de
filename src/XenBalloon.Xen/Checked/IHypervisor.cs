using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Checked;

/// <summary>What we ask of the hypervisor. For one caller at a time. Tests put a double here, since xenstored runs anywhere but Xen does not.</summary>
internal interface IHypervisor : IDisposable
{
    /// <summary>The machine's memory.</summary>
    /// <exception cref="Core.Hosts.HostLostException">The hypervisor no longer answers.</exception>
    HypervisorMemory Memory();

    /// <summary>All domains in ascending order of domid; this list, not xenstore's, says who lives.</summary>
    /// <exception cref="Core.Hosts.HostLostException">The hypervisor no longer answers.</exception>
    IReadOnlyList<HypervisorDomain> Domains();

    /// <summary>One domain; null when there is none with that domid.</summary>
    HypervisorDomain? Domain(int domid);

    /// <summary>Sets the cap.</summary>
    /// <returns>0 or an errno.</returns>
    int SetMaxMem(int domid, KiB cap);

    /// <summary>Sets the populate-on-demand target; without effect for PV domains and dom0.</summary>
    /// <returns>0 or an errno.</returns>
    int SetPodTarget(int domid, KiB target);

    /// <summary>What a domain populates on demand; null when the hypervisor does not say, as for PV domains and where it has no such thing.</summary>
    HypervisorPod? Pod(int domid);

    /// <summary>Xen's own command line; null when it will not say.</summary>
    string? CommandLine();
}
