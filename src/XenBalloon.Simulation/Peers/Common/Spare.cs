using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Peers.Common;

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
