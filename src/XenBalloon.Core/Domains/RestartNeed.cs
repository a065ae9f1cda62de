using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>What the toolstack takes to create a domain again.</summary>
/// <param name="Memory">The memory that the hypervisor counts for it.</param>
/// <param name="Structures">What Xen takes for it besides: an upper bound.</param>
internal readonly record struct ReturnNeed(KiB Memory, KiB Structures)
{
    internal KiB All => (Memory + Structures).CeilingToPage();
}

/// <summary>
/// What a domain needs to come back after a reboot. xl destroys the domain, sleeps for 2 s and creates it again with
/// the same target; if its memory is no longer free, the guest stays down.
/// </summary>
internal static class RestartNeed
{
    /// <summary>xl's pause, a boot loader, hotplug scripts of slow disks; and the memory is scrubbed first.</summary>
    private static readonly TimeSpan AfterReboot = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The same for a domain that vanished between two snapshots: it was destroyed by an administrator, or rebooted.
    /// </summary>
    private static readonly TimeSpan AfterVanishing = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Paging structures, grant tables and virtual CPUs: xl list does not count them. Paging takes a page for each MiB
    /// of the maximum and 1 MiB for each virtual CPU, whose number is not known here.
    /// </summary>
    private static readonly KiB PvStructures = KiB.FromMiB(2), HvmStructures = KiB.FromMiB(16);

    private const double PagingFraction = 1.0 / 256;

    /// <summary>What the toolstack will take to create a running domain again.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="target">The target that it leaves with.</param>
    internal static ReturnNeed Of(DomainPass domain, KiB target)
    {
        DomainSnapshot snapshot = domain.Snapshot;
        KiB structures = snapshot.Kind == DomainKind.Pv
            ? PvStructures
            : HvmStructures + (snapshot.StaticMax ?? target).Times(PagingFraction);
        return new ReturnNeed(target + KiB.Max(domain.PositiveOffset, snapshot.VideoRam), structures);
    }

    /// <summary>
    /// How long a domain that is gone may need to come back; null if it will not, as after a shutdown, a save or a
    /// migration, or if it never ran.
    /// </summary>
    internal static TimeSpan? MayReturn(DomainPass domain)
    {
        if (domain.Identity.IsDom0 || domain.History.NeedsToReturn is null) return null;
        return domain.Snapshot.ShutdownReason switch
        {
            // After a soft reset, libxl builds the same domain again.
            ShutdownReason.Reboot or ShutdownReason.Crash or ShutdownReason.Watchdog or ShutdownReason.SoftReset =>
                AfterReboot,
            not null => null,
            _ => domain.Snapshot.Lifecycle == DomainLifecycle.Migrating ? null : AfterVanishing,
        };
    }
}
