using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>
/// Identifies a domain for good: a domid alone is reused after about 60 s, a name can be changed, and a local migration
/// shows one UUID twice.
/// </summary>
/// <param name="Domid">The hypervisor's number for the domain; 0 is dom0.</param>
/// <param name="Uuid">The domain's handle in the hypervisor.</param>
public readonly record struct DomainIdentity(int Domid, Guid Uuid)
{
    /// <summary>Whether this is the domain that the toolstack and the daemon run in.</summary>
    public bool IsDom0 => Domid == 0;

    /// <summary>For example <c>7 (6a5e…)</c>, for messages if no name is known.</summary>
    public override string ToString() => $"{Domid} ({Uuid})";
}

/// <summary>How a domain is virtualized, as far as it matters to its memory.</summary>
public enum DomainKind
{
    /// <summary>Paravirtualized: the guest knows its machine frames; no populate-on-demand.</summary>
    Pv,

    /// <summary>
    /// Hardware-assisted (HVM or PVH): has a populate-on-demand target between its maxmem and its balloon target.
    /// </summary>
    Hvm,
}

/// <summary>The state of a domain, from the hypervisor and xenstore together.</summary>
public enum DomainLifecycle
{
    /// <summary>
    /// Known to the hypervisor, but the toolstack has not written <c>memory/target</c> yet: its size is unknown.
    /// </summary>
    Building,

    /// <summary>Running, or blocked because it has nothing to do.</summary>
    Running,

    /// <summary>Paused by the toolstack; its balloon cannot answer.</summary>
    Paused,

    /// <summary>Suspended (shutdown reason 2), to be saved, migrated or resumed.</summary>
    Suspended,

    /// <summary>
    /// Being saved or sent to another host, or arriving and not running yet: the toolstack holds its memory as it is.
    /// </summary>
    Migrating,

    /// <summary>Shut down or crashed, not yet destroyed.</summary>
    Shutdown,

    /// <summary>Being destroyed; its memory is returning to the host.</summary>
    Dying,
}

/// <summary>Why a domain shut down: Xen's <c>SHUTDOWN_*</c>.</summary>
public enum ShutdownReason
{
    /// <summary>Its guest powered off.</summary>
    PowerOff,

    /// <summary>Its guest reboots: the toolstack destroys the domain and creates it again.</summary>
    Reboot,

    /// <summary>It was suspended, to be saved, migrated or resumed.</summary>
    Suspend,

    /// <summary>Its guest crashed.</summary>
    Crash,

    /// <summary>Its guest did not reset its watchdog in time.</summary>
    Watchdog,

    /// <summary>Its guest resets itself within the same domain.</summary>
    SoftReset,
}

/// <summary>
/// What in a domain's configuration makes libxl refuse to create it with less memory than its maximum
/// (libxl_create.c): then its memory is populated on demand, which the feature does not support.
/// </summary>
public enum CreationLimit
{
    /// <summary>A virtual NUMA topology (<c>vnuma=</c>).</summary>
    VirtualNuma,

    /// <summary>
    /// <c>passthrough=</c>, or a PCI device in its configuration that was detached since: its IOMMU stays enabled.
    /// </summary>
    Passthrough,

    /// <summary>Alternate views of its memory (<c>altp2m=</c>).</summary>
    AlternateP2m,
}

/// <summary>The names of the features in texts.</summary>
public static class CreationLimitName
{
    /// <summary>The name of a feature, for a sentence.</summary>
    public static string Of(CreationLimit feature) => feature switch
    {
        CreationLimit.VirtualNuma => "vNUMA",
        CreationLimit.AlternateP2m => "altp2m",
        _ => "passthrough enabled",
    };
}

/// <summary>One domain at one moment: its state in the hypervisor and in xenstore, and its newest report.</summary>
public sealed record DomainSnapshot
{
    /// <summary>The domain.</summary>
    public required DomainIdentity Identity { get; init; }

    /// <summary>Its name in xenstore; empty if it has none yet.</summary>
    public string Name { get; init; } = "";

    /// <summary>How it is virtualized.</summary>
    public DomainKind Kind { get; init; }

    /// <summary>Its state.</summary>
    public DomainLifecycle Lifecycle { get; init; } = DomainLifecycle.Running;

    /// <summary>Why it shut down, also while it is dying; null if it has not shut down.</summary>
    public ShutdownReason? ShutdownReason { get; init; }

    /// <summary>
    /// When its toolstack asked it to shut down or reboot, or its agent announced that it does, on the snapshot's
    /// clock; null if neither is known. A guest can write both.
    /// </summary>
    public TimeSpan? LeavingSince { get; init; }

    /// <summary>Whether it has ever run: a domain under construction is paused and has not.</summary>
    public bool HasRun { get; init; } = true;

    /// <summary>The memory that it holds now, by the hypervisor.</summary>
    public required KiB Actual { get; init; }

    /// <summary>
    /// Memory that the toolstack claimed for a domain under construction and has not populated yet: not part of
    /// <see cref="Actual"/>, but no longer part of the host's free memory either.
    /// </summary>
    public KiB Outstanding { get; init; }

    /// <summary>The host memory in use for it, populated or not: <c>xl list</c> shows this.</summary>
    public KiB Occupied => Actual + Outstanding;

    /// <summary>The hypervisor's cap: the domain cannot allocate more.</summary>
    public required KiB MaxMem { get; init; }

    /// <summary>
    /// <c>memory/target</c>: the size that its balloon driver moves to, without video memory; null if there is none.
    /// </summary>
    public KiB? Target { get; init; }

    /// <summary>
    /// <c>memory/static-max</c>: the most it can ever have, including video memory; null if there is none.
    /// </summary>
    public KiB? StaticMax { get; init; }

    /// <summary><c>memory/videoram</c>; zero for PV and PVH.</summary>
    public KiB VideoRam { get; init; }

    /// <summary>
    /// The memory it booted with, if recorded (XAPI's <c>memory/initial-reservation</c>, or the daemon's own record);
    /// else null.
    /// </summary>
    public KiB? BootMemory { get; init; }

    /// <summary>XAPI's <c>memory/dynamic-min</c>, if present.</summary>
    public KiB? DynamicMin { get; init; }

    /// <summary>XAPI's <c>memory/dynamic-max</c>, if present.</summary>
    public KiB? DynamicMax { get; init; }

    /// <summary>
    /// Whether part of its memory is not populated yet (HVM and PVH domains that booted with less than their static
    /// maximum, until their balloon reaches its target for the first time). Lowering the target of such a domain takes
    /// memory that it does not have, and kills it.
    /// </summary>
    public bool PopulatesOnDemand { get; init; }

    /// <summary>
    /// Whether a device is passed through to it: its memory is pinned for the device and cannot be moved.
    /// </summary>
    public bool HasPassthrough { get; init; }

    /// <summary>
    /// Why its toolstack could not create it again (reboot, restore, migration) with a target below its static maximum;
    /// null if it could, or if its configuration is not known.
    /// </summary>
    public CreationLimit? FixedBy { get; init; }

    /// <summary>The guest's newest report; null if it has not reported since the daemon started.</summary>
    public GuestReport? Report { get; init; }

    /// <summary>
    /// Whether our agent has written a record, however old: then it can be asked for a new report.
    /// </summary>
    public bool HasAgent { get; init; }

    /// <summary>
    /// Whether there is a <c>memory/meminfo</c>, in which Qubes' meminfo-writer reports if the guest may write it.
    /// </summary>
    public bool HasQubesNode { get; init; }

    /// <summary>How its reports arrive.</summary>
    public ReportIntake Intake { get; init; }

    /// <summary>Whether all is the same.</summary>
    public bool Equals(DomainSnapshot? other) => ReferenceEquals(this, other)
        || (other is not null && Report == other.Report && DiffersOnlyInReport(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Identity, Actual, Target, Report);

    /// <summary>Whether nothing but <see cref="Report"/> differs.</summary>
    internal bool DiffersOnlyInReport(DomainSnapshot other) =>
        (Actual, Outstanding, MaxMem) == (other.Actual, other.Outstanding, other.MaxMem)
        && (Target, StaticMax, VideoRam) == (other.Target, other.StaticMax, other.VideoRam)
        && (Lifecycle, HasRun, Intake) == (other.Lifecycle, other.HasRun, other.Intake)
        && (BootMemory, DynamicMin, DynamicMax) == (other.BootMemory, other.DynamicMin, other.DynamicMax)
        && (ShutdownReason, LeavingSince) == (other.ShutdownReason, other.LeavingSince)
        && (PopulatesOnDemand, HasPassthrough) == (other.PopulatesOnDemand, other.HasPassthrough)
        && (HasAgent, HasQubesNode) == (other.HasAgent, other.HasQubesNode)
        && (Kind, FixedBy, Identity) == (other.Kind, other.FixedBy, other.Identity)
        && Name == other.Name;
}
