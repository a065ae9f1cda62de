using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Peers.Common;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Mom;

/// <summary>
/// oVirt's MOM in charge of the host: it samples host and guests every 5 s and applies its rules every 10 s. A guest without a minimum of its own has
/// none, as under libvirt. <c>mem_unused</c> is MemFree, without caches. Starts are not helped, and what is given out is not checked against what is free.
/// </summary>
/// <param name="scenario">Where the guests' terms are.</param>
internal sealed class MomPolicy(Scenario scenario) : IMemoryPolicy
{
    private const int SamplesInCycle = 2;
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    private readonly GuestRoster roster = new(scenario);
    private readonly SampleAverage hostFree = new();
    private readonly Dictionary<DomainIdentity, SampleAverage> used = [];
    private int samples;

    /// <inheritdoc/>
    public Turn Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. roster.Look(snapshot).Where(guest => guest.HasBooted)];
        Sample(snapshot, guests);
        var commands = new PeerCommands();
        if (samples % SamplesInCycle == 0)
        {
            foreach (PeerGuest guest in guests)
            {
                if (guest.Vitals is not null && BalloonRules.Target(Guest(guest), hostFree.Mean) is { } size) commands.Resize(guest, size.FloorToPage());
            }
        }

        return new Turn(commands.ToImmutable(), SampleInterval);
    }

    private void Sample(HostSnapshot snapshot, PeerGuest[] guests)
    {
        samples++;
        hostFree.Add(snapshot.Free.Value / (double)snapshot.Total.Value);
        foreach (PeerGuest guest in guests)
        {
            if (guest.Vitals is not { } vitals) continue;
            if (!used.TryGetValue(guest.Identity, out SampleAverage? average)) used.Add(guest.Identity, average = new SampleAverage());
            average.Add((guest.ReportedSize - vitals.Free).Value);
        }
    }

    private MomGuest Guest(PeerGuest guest) =>
        new(guest.Actual, new KiB((long)used[guest.Identity].Mean), guest.Terms.Minimum ?? KiB.Zero, guest.Terms.Maximum);
}
