using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.SelfBalloon;

/// <summary>
/// Every guest balloons itself and nobody looks at the host: the caps stay at what each may have at most, and whoever comes first gets what is free,
/// since the hypervisor refuses what it has not. Minimums, weights and starts mean nothing.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class SelfBalloonPolicy(Scenario scenario) : IMemoryPolicy
{
    // selfballoon_reserved_mb is set at boot to a tenth of the memory.
    private const double Reserved = 0.1;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly GuestRoster roster = new(scenario);
    private readonly Dictionary<DomainIdentity, KiB> kernels = [];

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        var commands = new PeerCommands();
        foreach (PeerGuest guest in roster.Look(snapshot))
        {
            if (guest.Domain.Lifecycle == DomainLifecycle.Paused || guest.Vitals is not { } vitals) continue;

            // The first report is of before it moved for the first time: what it holds beyond MemTotal is its kernel's.
            if (!kernels.TryGetValue(guest.Identity, out KiB kernel)) kernels.Add(guest.Identity, kernel = guest.Actual - vitals.Total);
            KiB reserve = KernelReserve.Of(guest.Terms.BootMemory);
            KiB goal = vitals.Committed + reserve + guest.Terms.BootMemory.Times(Reserved);
            KiB total = SelfBalloonRule.Target(guest.Actual - kernel, goal, SelfBalloonRule.Floor(guest.Terms.StaticMax - kernel, reserve));
            commands.Cap(guest, guest.Terms.Maximum);
            commands.Retarget(guest, KiB.Min(total + kernel, guest.Terms.Maximum).FloorToPage());
        }

        return new Turn(commands.ToImmutable(), Interval);
    }
}
