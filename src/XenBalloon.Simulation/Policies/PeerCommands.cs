using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

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

/// <summary>
/// Sizes that are set in the order of a hypervisor that owns the memory: who shrinks is told at once, who grows is given what is free by then and no more.
/// </summary>
internal static class PacedSizes
{
    /// <summary>Sets sizes.</summary>
    /// <param name="commands">Where to.</param>
    /// <param name="snapshot">The host.</param>
    /// <param name="sizes">The sizes to come to.</param>
    /// <param name="keep">What is to stay free.</param>
    public static void Set(PeerCommands commands, HostSnapshot snapshot, IReadOnlyList<(PeerGuest Guest, KiB Size)> sizes, KiB keep)
    {
        foreach ((PeerGuest guest, KiB size) in sizes)
        {
            if (size < guest.Target) commands.Resize(guest, size);
        }

        (PeerGuest Guest, KiB Size)[] growing = [.. sizes.Where(pair => pair.Size > pair.Guest.Target)];
        KiB spare = Spare.Of(snapshot, sizes.Select(pair => pair.Guest)) - keep;
        KiB lack = new(growing.Sum(pair => (pair.Size - pair.Guest.Target).Value));
        if (spare < KiB.Page || lack == KiB.Zero) return;
        double part = Math.Min(1, spare.Value / (double)lack.Value);
        foreach ((PeerGuest guest, KiB size) in growing) commands.Resize(guest, (guest.Target + (size - guest.Target).Times(part)).FloorToPage());
    }
}

/// <summary>What a host has to give.</summary>
internal static class Spare
{
    /// <summary>Free memory that no guest was promised and did not yet take. May be negative.</summary>
    public static KiB Of(HostSnapshot snapshot, IEnumerable<PeerGuest> guests)
    {
        KiB spare = snapshot.Free;
        foreach (PeerGuest guest in guests) spare -= guest.Promised;
        return spare;
    }

    /// <summary>What the domains that wait to be started need together.</summary>
    public static KiB Needed(IEnumerable<StartRequest> waiting)
    {
        KiB needed = KiB.Zero;
        foreach (StartRequest start in waiting) needed += start.Needed;
        return needed;
    }
}
