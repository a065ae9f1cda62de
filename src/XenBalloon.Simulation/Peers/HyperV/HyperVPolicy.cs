using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.HyperV;

/// <summary>
/// Hyper-V's Dynamic Memory in charge of the host: once a second it gives each guest its demand (what its programs were promised) and a fifth more, when
/// it is short by weight. What nobody lacks is collected only every five minutes. A start's memory is taken from the others, but never below their minimum,
/// which is 512 MiB (or the boot memory if that is less) where nothing was said. Memory is given out only when it is free.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class HyperVPolicy(Scenario scenario) : IMemoryPolicy
{
    // The usual weight of 100 is Hyper-V's usual 5,000 of 10,000.
    private const int WeightScale = 50;
    private const int HighestWeight = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CollectInterval = TimeSpan.FromMinutes(5);
    private static readonly KiB UsualMinimum = KiB.FromMiB(512);

    private readonly GuestRoster roster = new(scenario);
    private TimeSpan collectedAt;

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. roster.Look(snapshot).Where(guest => guest.HasBooted && guest.Domain.Lifecycle == DomainLifecycle.Running)];
        KiB starts = Spare.Needed(waiting);
        KiB capacity = snapshot.Free - starts + new KiB(guests.Sum(guest => guest.Actual.Value));
        KiB[] shares = DynamicMemory.Share(Array.ConvertAll(guests, guest => (Weight(guest), Minimum(guest), Wanted(guest))), capacity);

        bool lacking = snapshot.Free < starts || guests.Zip(shares).Any(pair => pair.Second > pair.First.Target);
        bool collecting = snapshot.At - collectedAt >= CollectInterval;
        if (collecting) collectedAt = snapshot.At;
        var commands = new PeerCommands();
        PacedSizes.Set(commands, snapshot, [.. guests.Zip(shares, (guest, share) => (guest, Size(guest, share, lacking || collecting)))], starts);
        return new Turn(commands.ToImmutable(), Interval);
    }

    private static int Weight(PeerGuest guest) => Math.Clamp(guest.Terms.Weight * WeightScale, 1, HighestWeight);

    private static KiB Minimum(PeerGuest guest) => guest.Terms.Minimum ?? KiB.Min(UsualMinimum, guest.Terms.BootMemory);

    // Who says nothing keeps what it booted with.
    private static KiB Wanted(PeerGuest guest) => guest.Vitals is { } vitals
        ? DynamicMemory.Wanted(vitals.Committed + DynamicMemory.Floor(vitals.Total), Minimum(guest), KiB.Max(Minimum(guest), guest.Terms.Maximum))
        : KiB.Max(Minimum(guest), guest.Terms.BootMemory);

    private static KiB Size(PeerGuest guest, KiB share, bool taking)
    {
        if (share >= guest.Target) return share;
        if (!taking) return guest.Target;
        if (guest.Vitals is not { } vitals) return share;

        return KiB.Min(guest.Target, DynamicMemory.Yielded(share, guest.ReportedSize, vitals.Available, vitals.Total));
    }
}
