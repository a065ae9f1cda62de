using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Turns decisions into commands in the order that never lets a guest take what was promised to another: down is target first and the cap once the memory
/// has come; up is the cap, the populate-on-demand target, then the target.
/// </summary>
internal sealed class CommandWriter
{
    /// <summary>libxl's own allowance on top of a target (LIBXL_MAXMEM_CONSTANT), for pages that are not the guest's RAM.</summary>
    private static readonly KiB Allowance = KiB.FromMiB(1);

    /// <summary>A cap that is too high by less than this is left: a hypercall each step for nothing.</summary>
    private static readonly KiB CapDeadBand = KiB.FromMiB(4);

    /// <summary>An operator's <c>xl mem-set</c> raises the cap before it writes the target: a cap is lowered only when nothing has changed for a while.</summary>
    private static readonly TimeSpan StillBeforeLowering = TimeSpan.FromSeconds(3);

    private readonly List<HostCommand> down = [], up = [];

    /// <summary>Writes what was decided; nothing where all is as it should be.</summary>
    internal ImmutableArray<HostCommand> Write(IReadOnlyList<DomainCase> cases, TimeSpan now)
    {
        down.Clear();
        up.Clear();
        for (int i = 0; i < cases.Count; i++)
        {
            DomainCase one = cases[i];
            Speak(one);
            if (one.LeftOut is null or ReasonKind.Stuck or ReasonKind.Silent or ReasonKind.Overridden or ReasonKind.WaitingForMemory) Write(one, now);
            else if (one.Managed && one.Domain.Lifecycle is DomainLifecycle.Paused or DomainLifecycle.Suspended or DomainLifecycle.Shutdown) Clip(one, now);
        }

        return down.Count + up.Count == 0 ? [] : [.. down, .. up];
    }

    /// <summary>Lets a guest speak, and asks it to: that moves no memory, so any domain that runs will do.</summary>
    private void Speak(DomainCase one)
    {
        if (!one.Managed || one.Domain.Lifecycle != DomainLifecycle.Running) return;
        if (one.Settings.QubesReports == true && !one.Domain.HasQubesLeaf) down.Add(new HostCommand(HostCommandKind.AdmitQubesReports, one.Identity, KiB.Zero));
        if (one.Asks) down.Add(new HostCommand(HostCommandKind.RequestReport, one.Identity, KiB.Zero));
    }

    private void Write(DomainCase one, TimeSpan now)
    {
        KiB cap = Cap(one, one.Goal);
        if (one.Goal > one.Target)
        {
            if (one.Domain.MaxMem < cap) up.Add(new HostCommand(HostCommandKind.SetMaxMem, one.Identity, cap));
            WriteTarget(up, one);
            return;
        }

        if (one.Goal < one.Target) WriteTarget(down, one);
        else if (one.MayRaiseCap) up.Add(new HostCommand(HostCommandKind.SetMaxMem, one.Identity, cap));
        if (one.TakesPart || one.LeftOut == ReasonKind.Stuck) LowerCap(one, cap, now);
    }

    /// <summary>
    /// A domain that does not run cannot take what its target promises, and once it wakes that may be somebody else's: its cap goes down to what it holds,
    /// and is raised again when it runs and the memory is there. Not while it migrates: on its way in, its toolstack populates it up to the cap.
    /// </summary>
    private void Clip(DomainCase one, TimeSpan now)
    {
        if (one.Promised > Allowance) LowerCap(one, Cap(one, KiB.Zero), now);
    }

    private void LowerCap(DomainCase one, KiB cap, TimeSpan now)
    {
        if (one.Domain.MaxMem <= cap + CapDeadBand || now - one.Balloon.CapStillSince < StillBeforeLowering) return;
        down.Add(new HostCommand(HostCommandKind.SetMaxMem, one.Identity, cap));
    }

    /// <summary>What the domain may allocate: its target with what comes on top of it, but no less than it holds while its balloon is on the way down.</summary>
    private static KiB Cap(DomainCase one, KiB goal) =>
        (KiB.Max(goal + KiB.Max(one.OnTop, one.Domain.VideoRam), Reached(one)) + Allowance).CeilingToPage();

    private static KiB Reached(DomainCase one) => one.Rules.Hold(SafetyRule.CapFollowsBalloon) ? one.Domain.Actual : KiB.Zero;

    private static void WriteTarget(List<HostCommand> commands, DomainCase one)
    {
        if (one.Domain.Kind != DomainKind.Pv) commands.Add(new HostCommand(HostCommandKind.SetPodTarget, one.Identity, one.Goal + Allowance));
        commands.Add(new HostCommand(HostCommandKind.SetTarget, one.Identity, one.Goal, one.Target));
        one.Override.OnDecided(one.Goal);
    }
}
