using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Proxmox;

/// <summary>
/// PVE's autoballoon in charge of the host (pvestatd): every 10 s towards 80 % of the host's memory in use, 100 MiB a guest at most. Without a minimum of
/// its own a guest is not shrunk below what it booted with; a weight of 100 counts as PVE's usual 1000 shares. Starts are not helped.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class ProxmoxPolicy(Scenario scenario) : IMemoryPolicy
{
    private const double HostUse = 0.8;
    private const int SharesForWeight = 10;
    private const long Step = 100 << 20;
    private const long BytesInKiB = 1024;
    private static readonly TimeSpan Cycle = TimeSpan.FromSeconds(10);

    private readonly GuestRoster roster = new(scenario);

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. roster.Look(snapshot).Where(guest => guest.HasBooted && guest.Domain.Lifecycle != DomainLifecycle.Migrating)];
        KiB goal = snapshot.Total.Times(HostUse) - (snapshot.Total - snapshot.Free);
        IReadOnlyDictionary<int, long> sizes = AutoBalloon.Compute(Array.ConvertAll(guests, Guest), goal.Value * BytesInKiB, Step);
        var commands = new PeerCommands();
        foreach (PeerGuest guest in guests)
        {
            if (sizes.TryGetValue(guest.Identity.Domid, out long size)) commands.Resize(guest, new KiB(size / BytesInKiB).FloorToPage());
        }

        return new Turn(commands.ToImmutable(), Cycle);
    }

    private static ProxmoxGuest Guest(PeerGuest guest) => new(
        guest.Identity.Domid,
        guest.Actual.Value * BytesInKiB,
        (guest.Terms.Minimum ?? guest.Terms.BootMemory).Value * BytesInKiB,
        guest.Terms.Maximum.Value * BytesInKiB,
        guest.Terms.Weight * SharesForWeight,
        (guest.Vitals?.Free ?? KiB.Zero).Value * BytesInKiB);
}
