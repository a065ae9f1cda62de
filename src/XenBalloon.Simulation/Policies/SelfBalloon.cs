using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Every guest balloons itself and none considers the host. The caps stay at each guest's maximum, and guests get free
/// memory in order of arrival, since the hypervisor refuses what it does not have. Minimums, weights and starts have no
/// effect.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class SelfBalloonPolicy(Scenario scenario) : IMemoryPolicy
{
    // selfballoon_reserved_mb is set at boot to a tenth of the memory.
    private const double Reserved = 0.1;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly GuestTracker tracker = new(scenario);
    private readonly Dictionary<DomainIdentity, KiB> kernels = [];

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        var commands = new PeerCommands();
        foreach (PeerGuest guest in tracker.Update(snapshot))
        {
            if (guest.Domain.Lifecycle == DomainLifecycle.Paused || guest.Vitals is not { } vitals) continue;

            // The first report precedes the first change: what the guest holds beyond MemTotal belongs to its kernel.
            if (!kernels.TryGetValue(guest.Identity, out KiB kernel))
                kernels.Add(guest.Identity, kernel = guest.Actual - vitals.Total);
            KiB reserve = KernelReserve.Of(guest.Settings.BootMemory);
            KiB goal = vitals.Committed + reserve + guest.Settings.BootMemory.Times(Reserved);
            KiB total = SelfBalloonRule.Target(
                guest.Actual - kernel, goal, SelfBalloonRule.Floor(guest.Settings.StaticMax - kernel, reserve));
            commands.Cap(guest, guest.Settings.Maximum);
            commands.Retarget(guest, KiB.Min(total + kernel, guest.Settings.Maximum).FloorToPage());
        }

        return new PolicyDecision(commands.ToImmutable(), Interval);
    }
}

/// <summary>
/// Linux's self-ballooning (drivers/xen/xen-selfballoon.c, 2011 to 2019). A guest sizes itself by its committed memory:
/// down by an eighth of the difference each 5 s, up at once. Cache does not count.
/// </summary>
internal static class SelfBalloonRule
{
    private const double DownPart = 1.0 / 8;

    /// <summary>The new size of the memory that the guest's kernel manages (MemTotal).</summary>
    /// <param name="total">MemTotal now.</param>
    /// <param name="goal">Committed_AS and the reserves.</param>
    /// <param name="floor">The lower bound.</param>
    public static KiB Target(KiB total, KiB goal, KiB floor) =>
        KiB.Max(floor, total > goal ? total - (total - goal).Times(DownPart) : goal);

    /// <summary>The least that a guest balloons itself to, by its largest possible memory.</summary>
    /// <param name="largest">The size of its memory map.</param>
    /// <param name="reserve">What its kernel keeps free.</param>
    public static KiB Floor(KiB largest, KiB reserve)
    {
        KiB useful = largest - reserve;
        if (useful < KiB.FromMiB(16)) return largest;
        if (useful < KiB.FromMiB(64)) return reserve + KiB.FromMiB(16) + (useful - KiB.FromMiB(16)).Times(1.0 / 2);
        if (useful < KiB.FromMiB(512)) return reserve + KiB.FromMiB(40) + (useful - KiB.FromMiB(40)).Times(1.0 / 8);
        return reserve + KiB.FromMiB(99) + (useful - KiB.FromMiB(99)).Times(1.0 / 32);
    }
}
