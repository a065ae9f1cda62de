using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>One domain at one moment: what the hypervisor holds for it, what xenstore says of it, and what it last said of itself.</summary>
public sealed record DomainSnapshot
{
    /// <summary>Which domain.</summary>
    public required DomainIdentity Identity { get; init; }

    /// <summary>Its name in xenstore; empty while it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>How it is virtualized.</summary>
    public DomainKind Kind { get; init; }

    /// <summary>Where it is in its life.</summary>
    public DomainLifecycle Lifecycle { get; init; } = DomainLifecycle.Running;

    /// <summary>Memory that the hypervisor holds for it now.</summary>
    public required KiB Actual { get; init; }

    /// <summary>
    /// Claimed by the toolstack for a domain under construction and not yet populated: not part of <see cref="Actual"/>, but gone from the host's free
    /// memory already.
    /// </summary>
    public KiB Outstanding { get; init; }

    /// <summary>What is gone from the host's free memory for it, populated or not: <c>xl list</c> shows this.</summary>
    public KiB Occupied => Actual + Outstanding;

    /// <summary>The hypervisor's cap: it cannot allocate beyond it.</summary>
    public required KiB MaxMem { get; init; }

    /// <summary><c>memory/target</c>, what its balloon driver works towards (without video memory); null while there is none.</summary>
    public KiB? Target { get; init; }

    /// <summary><c>memory/static-max</c>, the most it can ever have (with video memory); null where there is none.</summary>
    public KiB? StaticMax { get; init; }

    /// <summary><c>memory/videoram</c>; zero for PV and PVH.</summary>
    public KiB VideoRam { get; init; }

    /// <summary>The memory it booted with, where someone wrote it down (XAPI's <c>memory/initial-reservation</c>, or our own note); else null.</summary>
    public KiB? BootMemory { get; init; }

    /// <summary>XAPI's <c>memory/dynamic-min</c>, where present.</summary>
    public KiB? DynamicMin { get; init; }

    /// <summary>XAPI's <c>memory/dynamic-max</c>, where present.</summary>
    public KiB? DynamicMax { get; init; }

    /// <summary>
    /// Whether part of its memory is not populated yet (HVM and PVH that booted with less than their static maximum, until their balloon has arrived
    /// for the first time): lowering its target then takes what it has not, and kills it.
    /// </summary>
    public bool PopulatesOnDemand { get; init; }

    /// <summary>Whether a device is passed through to it: its memory is pinned for the device and cannot be moved.</summary>
    public bool HasPassthrough { get; init; }

    /// <summary>The newest report from the guest; null when it has said nothing since we listen.</summary>
    public GuestReport? Report { get; init; }

    /// <summary>Whether our agent has left a record in the guest's leaf, of whatever age: then it can be asked for another.</summary>
    public bool HasAgent { get; init; }

    /// <summary>Whether there is a <c>memory/meminfo</c>, where Qubes' meminfo-writer reports if the guest may write it.</summary>
    public bool HasQubesLeaf { get; init; }

    /// <summary>How its reports come in.</summary>
    public ReportIntake Intake { get; init; }
}
