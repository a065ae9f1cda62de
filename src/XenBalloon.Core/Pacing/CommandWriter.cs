using System.Collections.Immutable;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Turns decisions into commands, in an order in which no guest can take memory promised to another. To shrink: the
/// target first, and the cap once the memory has arrived. To grow: the cap, the populate-on-demand target, then the
/// target.
/// </summary>
internal sealed class CommandWriter
{
    /// <summary>A cap that is too high by less than this is not worth a hypercall.</summary>
    private static readonly KiB CapDeadBand = KiB.FromMiB(4);

    /// <summary>
    /// <c>xl mem-set</c> raises the cap before it writes the target, so a cap is lowered only if nothing has changed
    /// for this time.
    /// </summary>
    private static readonly TimeSpan StillBeforeLowering = TimeSpan.FromSeconds(3);

    private readonly List<HostCommand> down = [], up = [];

    /// <summary>The commands for the decisions of a pass; empty if nothing is to change.</summary>
    internal ImmutableArray<HostCommand> Write(List<DomainPass> domains, TimeSpan now)
    {
        down.Clear();
        up.Clear();
        foreach (DomainPass domain in domains)
        {
            // libxl writes the target before it runs the disks' hotplug scripts and the device model, which allocates
            // video memory: a command in between could make that allocation fail, which ends the guest.
            if (!domain.Snapshot.HasRun) continue;
            WriteReportCommands(domain);
            if (IsWritable(domain)) WriteMemory(domain, now);
            else if (domain.Managed && MayRunAgain(domain.Snapshot.Lifecycle)) WithholdPromise(domain, now);
        }

        return down.Count + up.Count == 0 ? [] : [.. down, .. up];
    }

    private static bool IsWritable(DomainPass domain) => domain.ExclusionReason
        is null
        or ReasonKind.Stuck
        or ReasonKind.Silent
        or ReasonKind.Overridden
        or ReasonKind.NotRecreatable
        or ReasonKind.WaitingForMemory;

    private static bool MayRunAgain(DomainLifecycle lifecycle) =>
        lifecycle is DomainLifecycle.Paused or DomainLifecycle.Suspended;

    /// <summary>
    /// Lets a guest report, and requests reports. This moves no memory, so it applies to every managed domain that
    /// runs.
    /// </summary>
    private void WriteReportCommands(DomainPass domain)
    {
        if (!domain.Managed || domain.Snapshot.Lifecycle != DomainLifecycle.Running) return;
        if (domain.Settings.QubesReports == true && !domain.Snapshot.HasQubesNode)
        {
            down.Add(new HostCommand(HostCommandKind.AdmitQubesReports, domain.Identity, KiB.Zero));
        }

        if (domain.RequestsReport)
        {
            down.Add(new HostCommand(HostCommandKind.RequestReport, domain.Identity, KiB.Zero));
        }
    }

    private void WriteMemory(DomainPass domain, TimeSpan now)
    {
        KiB cap = Cap(domain, domain.NewTarget);
        if (domain.NewTarget > domain.Target)
        {
            if (domain.Snapshot.MaxMem < cap) RaiseCap(domain, cap);
            WriteTarget(up, domain);
            return;
        }

        if (domain.NewTarget < domain.Target) WriteTarget(down, domain);
        else if (domain.MayRestoreCap) RaiseCap(domain, cap);
        if (domain.Participates || domain.ExclusionReason == ReasonKind.Stuck) LowerCap(domain, cap, now);
    }

    /// <summary>
    /// A domain that does not run cannot take what its target promises, and by the time it runs again another domain
    /// may have it. So its cap goes down to what it holds, and up again when the domain runs and the memory is free.
    /// Not during a migration: at the destination, the toolstack populates the domain up to its cap.
    /// </summary>
    private void WithholdPromise(DomainPass domain, TimeSpan now)
    {
        if (domain.Promised > CapWatch.Allowance) LowerCap(domain, Cap(domain, KiB.Zero), now);
    }

    private void RaiseCap(DomainPass domain, KiB cap) => SetCap(up, domain, cap);

    private void LowerCap(DomainPass domain, KiB cap, TimeSpan now)
    {
        if (domain.Snapshot.MaxMem <= cap + CapDeadBand) return;
        if (now - domain.Balloon.CapStillSince < StillBeforeLowering) return;
        SetCap(down, domain, cap);
    }

    private static void SetCap(List<HostCommand> commands, DomainPass domain, KiB cap)
    {
        commands.Add(new HostCommand(HostCommandKind.SetMaxMem, domain.Identity, cap));
        domain.History.Cap.OnDecided(cap);
    }

    /// <summary>
    /// What the domain may allocate: its target and what it holds above that at rest, but at least what it holds now
    /// while its balloon is moving down. Never more than the cap that another tool set.
    /// </summary>
    private static KiB Cap(DomainPass domain, KiB target)
    {
        KiB atRest = target + domain.AboveTarget;
        KiB holds = domain.Rules.Hold(SafetyRule.CapFollowsBalloon) ? domain.Snapshot.Actual : KiB.Zero;
        KiB cap = (KiB.Max(atRest, holds) + CapWatch.Allowance).CeilingToPage();
        return KiB.Min(cap, domain.History.Cap.Value ?? cap);
    }

    private static void WriteTarget(List<HostCommand> commands, DomainPass domain)
    {
        DomainIdentity identity = domain.Identity;
        KiB target = domain.NewTarget;
        if (domain.Snapshot.Kind != DomainKind.Pv)
        {
            // Xen compares it with all pages of the domain, video memory included (p2m_pod_set_mem_target).
            KiB populated = target + domain.Snapshot.VideoRam + CapWatch.Allowance;
            commands.Add(new HostCommand(HostCommandKind.SetPodTarget, identity, populated));
        }

        commands.Add(new HostCommand(HostCommandKind.SetTarget, identity, target, domain.Target, domain.BootMemory));
        domain.History.Override.OnDecided(target);

        // It may be gone in the next snapshot.
        domain.History.NeedsToReturn = RestartNeed.Of(domain, target);
    }
}
