using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

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

/// <summary>
/// Linux's self-ballooning (drivers/xen/xen-selfballoon.c, 2011 to 2019): a guest sizes itself by what its programs were promised, down by an eighth of
/// the way each 5 s, up at once. What is cached counts for nothing.
/// </summary>
internal static class SelfBalloonRule
{
    private const double DownPart = 1.0 / 8;

    /// <summary>The new size of what the guest's kernel manages (MemTotal).</summary>
    /// <param name="total">MemTotal now.</param>
    /// <param name="goal">Committed_AS and the reserves.</param>
    /// <param name="floor">The least.</param>
    public static KiB Target(KiB total, KiB goal, KiB floor) => KiB.Max(floor, total > goal ? total - (total - goal).Times(DownPart) : goal);

    /// <summary>The least that a guest is ballooned to, by the memory that it could have at most.</summary>
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
