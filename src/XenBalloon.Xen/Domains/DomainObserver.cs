using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>Combines what the hypervisor and xenstore show of one domain.</summary>
internal sealed class DomainObserver(
    NodeReader nodes,
    ReportCollector reports,
    IHypervisor hypervisor,
    MigrationWatch migrations,
    LibxlConfiguration configurations,
    MonotonicClock clock)
{
    /// <summary>
    /// xl names a domain like this that was sent to another host, until it is destroyed here or resumes (xl_migrate.c).
    /// </summary>
    private const string SentSuffix = "--migratedaway";

    /// <summary>How often a missing configuration is looked for.</summary>
    internal static readonly TimeSpan ConfigurationInterval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Balloon drivers round, and may stop this much short for good (Xen's check for XSA-153 allows the same). A lower
    /// target repairs that, so such a domain must not count as populating.
    /// </summary>
    private static readonly KiB BalloonRounding = KiB.FromMiB(1);

    /// <summary>Takes a snapshot of one domain: the previous one itself if nothing has changed.</summary>
    public DomainSnapshot Observe(in HypervisorDomain domain, TrackedDomain tracked, TimeSpan now)
    {
        bool hasHelper = migrations.IsMoving(domain.Identity.Domid);
        bool isSame = now < tracked.RereadAt
            && !tracked.Watch.HasChanges
            && tracked.Sources.Domain == domain
            && tracked.HasHelper == hasHelper;
        if (isSame) return tracked.Snapshot!;

        // Before the nodes are read: one that changes from here on is read now or in the next snapshot.
        tracked.Watch.HasChanges = false;
        tracked.HasHelper = hasHelper;
        DomainSnapshot snapshot = Read(domain, tracked);
        tracked.RereadAt = RereadAt(domain, tracked);
        return snapshot;
    }

    private DomainSnapshot Read(in HypervisorDomain domain, TrackedDomain tracked)
    {
        WatchedValues watched = nodes.ReadWatched(tracked);
        if (watched.Target is not null) nodes.RefreshUnwatched(tracked, domain.HasRun);
        reports.Collect(tracked, KiB.Max(domain.Actual, watched.StaticMax ?? KiB.Zero));
        bool isMoving = tracked.HasHelper || IsMovingByName(domain, watched.Name);
        DomainLifecycle lifecycle = Lifecycle(domain, isBuilt: watched.Target is not null, isMoving);
        if (lifecycle == DomainLifecycle.Running) ReadConfiguration(domain, tracked);
        var sources = new SnapshotSources(
            domain,
            lifecycle,
            watched,
            tracked.Unwatched,
            PopulatesOnDemand(domain, tracked, lifecycle),
            tracked.Limits,
            tracked.Report,
            ReportCollector.LeavingSince(tracked),
            reports.Intake(tracked));
        if (tracked.Sources != sources || tracked.Snapshot is null)
        {
            (tracked.Sources, tracked.Snapshot) = (sources, Describe(sources));
        }

        return tracked.Snapshot;
    }

    private static DomainSnapshot Describe(in SnapshotSources sources)
    {
        HypervisorDomain domain = sources.Domain;
        WatchedValues watched = sources.Watched;
        UnwatchedValues? unwatched = sources.Unwatched;
        return new DomainSnapshot
        {
            Identity = domain.Identity,
            Name = watched.ShownName,
            Kind = domain.Kind,
            Lifecycle = sources.Lifecycle,
            ShutdownReason = Reason(domain.ShutdownReason),
            LeavingSince = sources.LeavingSince,
            HasRun = domain.HasRun,
            Actual = domain.Actual,
            Outstanding = domain.Outstanding,
            MaxMem = domain.MaxMem,
            Target = watched.Target,
            StaticMax = watched.StaticMax,
            VideoRam = unwatched?.VideoRam ?? KiB.Zero,
            BootMemory = unwatched?.BootMemory,
            DynamicMin = watched.DynamicMin,
            DynamicMax = watched.DynamicMax,
            PopulatesOnDemand = sources.PopulatesOnDemand,
            HasPassthrough = watched.HasPciDevice || unwatched is { DeviceModelHasPciDevice: true },
            FixedBy = sources.Limits?.FixedBy,
            HasAgent = unwatched?.HasAgent ?? false,
            HasQubesNode = unwatched?.HasQubesNode ?? false,
            Report = sources.Report,
            Intake = sources.Intake,
        };
    }

    /// <summary>The stage of a domain's life.</summary>
    /// <param name="domain">The domain as the hypervisor shows it.</param>
    /// <param name="isBuilt">Whether the toolstack has written its target.</param>
    /// <param name="isMoving">Whether it is being saved, sent or received.</param>
    internal static DomainLifecycle Lifecycle(in HypervisorDomain domain, bool isBuilt, bool isMoving = false)
    {
        bool isSuspended = domain.ShutdownReason == (int)ShutdownReason.Suspend;
        if (domain.Dying) return DomainLifecycle.Dying;
        if (domain.ShutdownReason is not null && !isSuspended) return DomainLifecycle.Shutdown;
        if (isBuilt && isMoving) return DomainLifecycle.Migrating;
        if (isSuspended) return DomainLifecycle.Suspended;

        // No toolstack builds dom0, and it may have no target: libxl writes that when it first handles dom0's memory.
        if (!isBuilt && !domain.Identity.IsDom0) return DomainLifecycle.Building;
        return domain.Paused ? DomainLifecycle.Paused : DomainLifecycle.Running;
    }

    /// <summary>Xen's reason of a shutdown; a reason that this program does not know counts as a crash.</summary>
    private static ShutdownReason? Reason(int? code) => code is not { } known
        ? null
        : Enum.IsDefined((ShutdownReason)known) ? (ShutdownReason)known : ShutdownReason.Crash;

    /// <summary>The names alone prove nothing: an administrator may choose them for a domain that runs.</summary>
    private static bool IsMovingByName(in HypervisorDomain domain, string name) =>
        (domain.Paused && name.EndsWith(DomainName.IncomingSuffix, StringComparison.Ordinal))
        || (domain.ShutdownReason == (int)ShutdownReason.Suspend
            && name.EndsWith(SentSuffix, StringComparison.Ordinal));

    /// <summary>When to look at a domain again although no event tells of a change.</summary>
    private static TimeSpan RereadAt(in HypervisorDomain domain, TrackedDomain tracked)
    {
        bool isPolled = tracked.Watch.Flooded || tracked.IncompleteSince is not null;
        bool mayPopulate = domain.Kind != DomainKind.Pv && !tracked.IsPopulated;
        if (isPolled || mayPopulate) return TimeSpan.MinValue;
        TimeSpan reread = NodeReader.RereadAt(tracked);
        TimeSpan sought = tracked is { Limits: null, LimitsSoughtAt: { } at } ? at + ConfigurationInterval : reread;
        return sought < reread ? sought : reread;
    }

    /// <summary>
    /// Reads what libxl keeps of a domain that it has built, once; if there is nothing, from time to time. Nothing in
    /// it limits a PV domain.
    /// </summary>
    private void ReadConfiguration(in HypervisorDomain domain, TrackedDomain tracked)
    {
        if (domain.Kind == DomainKind.Pv || domain.Identity.IsDom0 || tracked.Limits is not null) return;
        if (clock.Now - tracked.LimitsSoughtAt < ConfigurationInterval) return;
        tracked.LimitsSoughtAt = clock.Now;
        tracked.Limits = configurations.Read(domain.Identity);
    }

    /// <summary>
    /// Whether a domain still populates memory on demand. An HVM or PVH domain whose target is below its static maximum
    /// boots with entries for the whole maximum and with memory for the target. Its balloon gives entries up until no
    /// more are left than memory is kept for. What is left then is free memory that the guest never touched; some of it
    /// may stay for as long as the domain exists, and does no harm.
    /// </summary>
    private bool PopulatesOnDemand(in HypervisorDomain domain, TrackedDomain tracked, DomainLifecycle lifecycle)
    {
        if (domain.Kind == DomainKind.Pv || tracked.IsPopulated) return false;

        // A hypervisor that returns an error does not support it.
        bool populates = hypervisor.Pod(domain.Identity.Domid) is { } pod && pod.Entries > pod.Cache + BalloonRounding;

        // Only the builder of a domain adds entries. Once the domain runs, their number only falls, and a reboot gives
        // it another domid.
        tracked.IsPopulated = !populates && lifecycle == DomainLifecycle.Running;
        return populates;
    }
}

/// <summary>Everything that a snapshot of a domain is taken from.</summary>
internal readonly record struct SnapshotSources(
    HypervisorDomain Domain,
    DomainLifecycle Lifecycle,
    WatchedValues Watched,
    UnwatchedValues? Unwatched,
    bool PopulatesOnDemand,
    CreationLimits? Limits,
    GuestReport? Report,
    TimeSpan? LeavingSince,
    ReportIntake Intake);
