using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;

namespace XenBalloon.Xen.Domains;

/// <summary>Puts together what the hypervisor and xenstore say of one domain.</summary>
internal sealed class DomainObserver(LeafReader leaves, NotesReader notes, PopulationGauge population, ReportCollector reports)
{
    /// <summary>Longer names are cut: a name is for people.</summary>
    private const int LongestName = 128;

    /// <summary>Shutdown reason of a domain that is suspended (SHUTDOWN_suspend).</summary>
    private const int SuspendReason = 2;

    /// <summary>A snapshot of one domain.</summary>
    public DomainSnapshot Observe(in HypervisorDomain domain, TrackedDomain tracked)
    {
        (_, KiB? target, KiB? staticMax, string name) = leaves.Read(tracked);
        if (target is not null) notes.Refresh(tracked);
        reports.Collect(tracked, KiB.Max(domain.Actual, staticMax ?? KiB.Zero));
        DomainLifecycle lifecycle = Lifecycle(domain, built: target is not null);
        return new DomainSnapshot
        {
            Identity = domain.Identity,
            Name = Printable(name),
            Kind = domain.Kind,
            Lifecycle = lifecycle,
            Actual = domain.Actual,
            Outstanding = domain.Outstanding,
            MaxMem = domain.MaxMem,
            Target = target,
            StaticMax = staticMax,
            VideoRam = tracked.Notes?.VideoRam ?? KiB.Zero,
            BootMemory = tracked.Notes?.BootMemory,
            DynamicMin = tracked.Notes?.DynamicMin,
            DynamicMax = tracked.Notes?.DynamicMax,
            PopulatesOnDemand = population.IsPopulating(domain, tracked, lifecycle),
            HasPassthrough = tracked.Notes?.HasPassthrough ?? false,
            HasAgent = tracked.Notes?.HasAgent ?? false,
            HasQubesLeaf = tracked.Notes?.HasQubesLeaf ?? false,
            Report = tracked.Report,
            Intake = reports.Intake(tracked),
        };
    }

    /// <summary>Where a domain is in its life.</summary>
    /// <param name="domain">As the hypervisor holds it.</param>
    /// <param name="built">Whether the toolstack has written its target.</param>
    internal static DomainLifecycle Lifecycle(in HypervisorDomain domain, bool built)
    {
        if (domain.Dying) return DomainLifecycle.Dying;
        if (domain.ShutdownReason is { } reason) return reason == SuspendReason ? DomainLifecycle.Suspended : DomainLifecycle.Shutdown;

        // Nobody builds dom0, and nobody need have written a target for it: libxl does so the first time it is asked about dom0's memory.
        if (!built && !domain.Identity.IsDom0) return DomainLifecycle.Building;
        return domain.Paused ? DomainLifecycle.Paused : DomainLifecycle.Running;
    }

    /// <summary>A name that can be printed on one line.</summary>
    private static string Printable(string name)
    {
        string cut = name.Length <= LongestName ? name : name[..LongestName];
        return string.Create(cut.Length, cut, static (text, from) =>
        {
            for (int i = 0; i < text.Length; i++) text[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }
}
