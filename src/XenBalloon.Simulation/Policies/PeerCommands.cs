using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// The commands of one pass, in the sequence that libxl, XAPI and qmemman all use. To grow: the cap, the
/// populate-on-demand target, the target. To shrink: the same with the cap last. Values that are already set are not
/// written again.
/// </summary>
internal sealed class PeerCommands
{
    private readonly ImmutableArray<HostCommand>.Builder commands = ImmutableArray.CreateBuilder<HostCommand>();

    /// <summary>Resizes a guest.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="target">Its new target.</param>
    public void Resize(PeerGuest guest, KiB target)
    {
        KiB size = KiB.Max(KiB.Zero, target);
        bool up = size > guest.Target;
        if (up) Cap(guest, size);
        Retarget(guest, size);
        if (!up) Cap(guest, size);
    }

    /// <summary>Sets a guest's target and leaves its cap unchanged.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="target">Its new target.</param>
    public void Retarget(PeerGuest guest, KiB target)
    {
        if (target == guest.Target) return;
        if (guest.Domain.Kind != DomainKind.Pv) Add(HostCommandKind.SetPodTarget, guest, target + guest.CapOver);
        Add(HostCommandKind.SetTarget, guest, target);
    }

    /// <summary>Sets a guest's cap and leaves its target unchanged.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="size">The cap, in the unit of targets.</param>
    public void Cap(PeerGuest guest, KiB size)
    {
        KiB cap = size + guest.CapOver;
        if (cap != guest.Domain.MaxMem) Add(HostCommandKind.SetMaxMem, guest, cap);
    }

    /// <summary>The commands, in order.</summary>
    public ImmutableArray<HostCommand> ToImmutable() => commands.ToImmutable();

    private void Add(HostCommandKind kind, PeerGuest guest, KiB value) =>
        commands.Add(new HostCommand(kind, guest.Identity, value));
}

/// <summary>
/// Sets sizes in the order of a hypervisor that owns the memory: guests that shrink get their size at once; guests that
/// grow share what is free by then.
/// </summary>
internal static class PacedResize
{
    /// <summary>Sets the sizes as far as free memory allows.</summary>
    /// <param name="commands">Receives the commands.</param>
    /// <param name="snapshot">The host.</param>
    /// <param name="sizes">The final sizes.</param>
    /// <param name="keep">Memory to keep free.</param>
    public static void Apply(
        PeerCommands commands, HostSnapshot snapshot, IReadOnlyList<(PeerGuest Guest, KiB Size)> sizes, KiB keep)
    {
        foreach ((PeerGuest guest, KiB size) in sizes)
        {
            if (size < guest.Target) commands.Resize(guest, size);
        }

        (PeerGuest Guest, KiB Size)[] growing = [.. sizes.Where(pair => pair.Size > pair.Guest.Target)];
        KiB spare = FreeMemory.Unpromised(snapshot, sizes.Select(pair => pair.Guest)) - keep;
        KiB growth = new(growing.Sum(pair => (pair.Size - pair.Guest.Target).Value));
        if (spare < KiB.Page || growth == KiB.Zero) return;
        double part = Math.Min(1, spare.Value / (double)growth.Value);
        foreach ((PeerGuest guest, KiB size) in growing)
            commands.Resize(guest, (guest.Target + (size - guest.Target).Times(part)).FloorToPage());
    }
}

/// <summary>The host's free memory.</summary>
internal static class FreeMemory
{
    /// <summary>Free memory that is not promised to a guest. May be negative.</summary>
    public static KiB Unpromised(HostSnapshot snapshot, IEnumerable<PeerGuest> guests)
    {
        KiB spare = snapshot.Free;
        foreach (PeerGuest guest in guests) spare -= guest.Promised;
        return spare;
    }

    /// <summary>What the waiting starts need together.</summary>
    public static KiB NeededBy(IEnumerable<StartRequest> waiting)
    {
        KiB needed = KiB.Zero;
        foreach (StartRequest start in waiting) needed += start.Needed;
        return needed;
    }
}
