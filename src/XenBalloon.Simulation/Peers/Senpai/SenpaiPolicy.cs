using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Senpai;

/// <summary>
/// Senpai for each guest as if it were a cgroup, its target the cgroup's limit. It knows nothing of the host but what is free: a guest gets memory back
/// only out of that, in the order of their domids. Where no minimum was said, it is 100 MiB more than what cannot be reclaimed. Guests without pressure
/// files are left alone, and starts are not helped.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class SenpaiPolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly KiB LeastLimit = KiB.FromMiB(100);

    private readonly GuestRoster roster = new(scenario);
    private readonly Dictionary<DomainIdentity, SenpaiGuest> known = [];

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        IReadOnlyList<PeerGuest> guests = roster.Look(snapshot);
        KiB spare = KiB.Max(KiB.Zero, Spare.Of(snapshot, guests));
        var commands = new PeerCommands();
        foreach (PeerGuest guest in guests)
        {
            KiB change = Change(guest);
            if (change == KiB.Zero) continue;
            KiB size = KiB.Min((guest.Target + change).Clamp(Minimum(guest), guest.Terms.Maximum), guest.Target + spare).FloorToPage();
            spare -= KiB.Max(KiB.Zero, size - guest.Target);
            commands.Resize(guest, size);
        }

        return new Turn(commands.ToImmutable(), Interval);
    }

    private KiB Change(PeerGuest guest)
    {
        if (guest.Vitals?.Pressure is not { MemorySomeTotal: { } stalled, MemorySome: { } memory } pressure) return KiB.Zero;
        if (!known.TryGetValue(guest.Identity, out SenpaiGuest? remembered)) known.Add(guest.Identity, remembered = new SenpaiGuest());
        return remembered.Look(guest.Target, stalled, Math.Max(memory, pressure.IoSome ?? 0));
    }

    private static KiB Minimum(PeerGuest guest)
    {
        if (guest.Terms.Minimum is { } told) return told;
        ReportedVitals vitals = guest.Vitals!.Value;
        return KiB.Min(guest.Target, LeastLimit + guest.Actual - vitals.Free - vitals.FileCache - vitals.Swappable);
    }
}
