using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

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
