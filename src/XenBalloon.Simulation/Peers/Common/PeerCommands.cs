using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>
/// The commands of one turn, in the one sequence that libxl, XAPI and qmemman all use: up is the cap, the populate-on-demand target, the target; down is
/// the same with the cap last. What is set already is not written again.
/// </summary>
internal sealed class PeerCommands
{
    private readonly ImmutableArray<HostCommand>.Builder commands = ImmutableArray.CreateBuilder<HostCommand>();

    /// <summary>Gives a guest a size.</summary>
    /// <param name="guest">Which.</param>
    /// <param name="target">Its new target.</param>
    public void Resize(PeerGuest guest, KiB target)
    {
        KiB size = KiB.Max(KiB.Zero, target);
        bool up = size > guest.Target;
        if (up) Cap(guest, size);
        Retarget(guest, size);
        if (!up) Cap(guest, size);
    }

    /// <summary>Gives a guest a target, and leaves its cap as it is.</summary>
    /// <param name="guest">Which.</param>
    /// <param name="target">Its new target.</param>
    public void Retarget(PeerGuest guest, KiB target)
    {
        if (target == guest.Target) return;
        if (guest.Domain.Kind != DomainKind.Pv) Add(HostCommandKind.SetPodTarget, guest, target + guest.CapOver);
        Add(HostCommandKind.SetTarget, guest, target);
    }

    /// <summary>Sets a guest's cap, and leaves its target as it is.</summary>
    /// <param name="guest">Which.</param>
    /// <param name="size">What it may have at most, in the unit of targets.</param>
    public void Cap(PeerGuest guest, KiB size)
    {
        KiB cap = size + guest.CapOver;
        if (cap != guest.Domain.MaxMem) Add(HostCommandKind.SetMaxMem, guest, cap);
    }

    /// <summary>All of them, in order.</summary>
    public ImmutableArray<HostCommand> ToImmutable() => commands.ToImmutable();

    private void Add(HostCommandKind kind, PeerGuest guest, KiB value) => commands.Add(new HostCommand(kind, guest.Identity, value));
}
