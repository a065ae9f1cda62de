using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// Turns decisions into commands in the order that never lets a guest take what was promised to another: down is target first and the cap once the memory
/// has come; up is the cap, the populate-on-demand target, then the target.
/// </summary>
internal static class CommandWriter
{
    /// <summary>libxl's own allowance on top of a target (LIBXL_MAXMEM_CONSTANT), for pages that are not the guest's RAM.</summary>
    private static readonly KiB Allowance = KiB.FromMiB(1);

    /// <summary>A cap that is too high by less than this is left: a hypercall each step for nothing.</summary>
    private static readonly KiB CapDeadBand = KiB.FromMiB(4);

    /// <summary>An operator's <c>xl mem-set</c> raises the cap before it writes the target: a cap is lowered only when nothing has changed for a while.</summary>
    private static readonly TimeSpan StillBeforeLowering = TimeSpan.FromSeconds(3);

    internal static ImmutableArray<HostCommand> Write(IReadOnlyList<DomainCase> managed, TimeSpan now)
    {
        var down = ImmutableArray.CreateBuilder<HostCommand>();
        var up = ImmutableArray.CreateBuilder<HostCommand>();
        foreach (DomainCase domain in managed)
        {
            KiB cap = Cap(domain);
            if (domain.Next > domain.Target)
            {
                if (domain.Domain.MaxMem < cap) up.Add(new HostCommand(HostCommandKind.SetMaxMem, domain.Domain.Identity, cap));
                WriteTarget(up, domain);
                continue;
            }

            if (domain.Next < domain.Target) WriteTarget(down, domain);
            bool cutOff = domain.Next == domain.Target && domain.Target <= domain.Range.Maximum && domain.Domain.MaxMem < domain.Target + domain.OnTop;
            if (cutOff) up.Add(new HostCommand(HostCommandKind.SetMaxMem, domain.Domain.Identity, cap));
            if (domain.Domain.MaxMem > cap + CapDeadBand && now - domain.Balloon.CapStillSince >= StillBeforeLowering)
            {
                down.Add(new HostCommand(HostCommandKind.SetMaxMem, domain.Domain.Identity, cap));
            }
        }

        down.AddRange(up);
        return down.ToImmutable();
    }

    /// <summary>What the domain may allocate: its target with what comes on top of it, but no less than it holds while its balloon is on the way down.</summary>
    private static KiB Cap(DomainCase domain) =>
        (KiB.Max(domain.Next + KiB.Max(domain.OnTop, domain.Domain.VideoRam), domain.Domain.Actual) + Allowance).CeilingToPage();

    private static void WriteTarget(ImmutableArray<HostCommand>.Builder commands, DomainCase domain)
    {
        if (domain.Domain.Kind != DomainKind.Pv)
        {
            commands.Add(new HostCommand(HostCommandKind.SetPodTarget, domain.Domain.Identity, domain.Next + Allowance));
        }

        commands.Add(new HostCommand(HostCommandKind.SetTarget, domain.Domain.Identity, domain.Next, domain.Target));
    }
}
