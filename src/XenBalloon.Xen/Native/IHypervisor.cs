using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Native;

/// <summary>
/// What xenballoond reads from and sets in the hypervisor. For one caller at a time. An interface, because tests can
/// run xenstored without Xen but not the hypervisor.
/// </summary>
internal interface IHypervisor : IDisposable
{
    /// <summary>Reads the memory of the host.</summary>
    /// <exception cref="HostLostException">The hypervisor no longer answers.</exception>
    HypervisorMemory Memory();

    /// <summary>
    /// Lists all domains in ascending order of domid. This list, not xenstore, decides which domains exist.
    /// </summary>
    /// <returns>Valid until the next call.</returns>
    /// <exception cref="HostLostException">The hypervisor no longer answers.</exception>
    ReadOnlySpan<HypervisorDomain> Domains();

    /// <summary>Reads one domain; null when no domain has that domid.</summary>
    /// <exception cref="HostLostException">The hypervisor no longer answers.</exception>
    HypervisorDomain? Domain(int domid);

    /// <summary>Sets the maximum memory of a domain.</summary>
    /// <returns>0 or an errno.</returns>
    int SetMaxMem(int domid, KiB maximum);

    /// <summary>Sets the populate-on-demand target; without effect for PV domains and dom0.</summary>
    /// <returns>0 or an errno.</returns>
    int SetPodTarget(int domid, KiB target);

    /// <summary>
    /// Reads what a domain populates on demand; null when the hypervisor returns an error, as it does for PV domains
    /// and where it was built without populate-on-demand.
    /// </summary>
    HypervisorPod? Pod(int domid);

    /// <summary>The command line that Xen was booted with; null when it cannot be read.</summary>
    string? CommandLine { get; }
}

/// <summary>The memory of the host.</summary>
/// <param name="Total">All memory.</param>
/// <param name="Free">Free memory, including what is claimed.</param>
/// <param name="Outstanding">Claimed for domains that are being built, and not allocated yet.</param>
internal readonly record struct HypervisorMemory(KiB Total, KiB Free, KiB Outstanding);

/// <summary>A domain as the hypervisor shows it.</summary>
internal readonly record struct HypervisorDomain
{
    /// <summary>DOMID_FIRST_RESERVED: from here on, domids are Xen's own (idle, I/O, shared pages).</summary>
    public const int FirstReserved = 0x7FF0;

    /// <summary>Its domid and UUID.</summary>
    public required DomainIdentity Identity { get; init; }

    /// <summary>How it is virtualized.</summary>
    public DomainKind Kind { get; init; }

    /// <summary>Whether it is being destroyed.</summary>
    public bool Dying { get; init; }

    /// <summary>Whether the toolstack paused it.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether it has ever run: one of its virtual CPUs has used time.</summary>
    public bool HasRun { get; init; }

    /// <summary>The reason of its shutdown (<c>SHUTDOWN_*</c>); null while it has not shut down.</summary>
    public int? ShutdownReason { get; init; }

    /// <summary>Memory that is allocated to it.</summary>
    public KiB Actual { get; init; }

    /// <summary>
    /// Memory that is claimed for it and not allocated yet. <c>xl list</c> shows the sum of this and
    /// <see cref="Actual"/>.
    /// </summary>
    public KiB Outstanding { get; init; }

    /// <summary>The most that it can allocate (maxmem).</summary>
    public KiB MaxMem { get; init; }
}

/// <summary>What a domain populates on demand.</summary>
/// <param name="Cache">
/// Memory kept for the entries that the domain touches first. The hypervisor counts it as allocated.
/// </param>
/// <param name="Entries">The part of the domain's address space without memory behind it until it is touched.</param>
internal readonly record struct HypervisorPod(KiB Cache, KiB Entries);
