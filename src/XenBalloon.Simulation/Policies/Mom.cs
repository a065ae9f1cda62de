using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// oVirt's MOM in charge of the host. It samples host and guests every 5 s and applies its rules every 10 s. As under
/// libvirt, a guest without a configured minimum has none. <c>mem_unused</c> is MemFree, without caches. It does not
/// free memory for starts, and does not compare what it gives out with what is free.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class MomPolicy(Scenario scenario) : IMemoryPolicy
{
    private const int SamplesInCycle = 2;
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    private readonly GuestTracker tracker = new(scenario);
    private readonly SampleAverage hostFree = new();
    private readonly Dictionary<DomainIdentity, SampleAverage> used = [];
    private int samples;

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. tracker.Update(snapshot).Where(guest => guest.HasBooted)];
        Sample(snapshot, guests);
        var commands = new PeerCommands();
        if (samples % SamplesInCycle == 0)
        {
            foreach (PeerGuest guest in guests)
            {
                if (guest.Vitals is not null && BalloonRules.Target(Guest(guest), hostFree.Mean) is { } size)
                    commands.Resize(guest, size.FloorToPage());
            }
        }

        return new PolicyDecision(commands.ToImmutable(), SampleInterval);
    }

    private void Sample(HostSnapshot snapshot, PeerGuest[] guests)
    {
        samples++;
        hostFree.Add(snapshot.Free.Value / (double)snapshot.Total.Value);
        foreach (PeerGuest guest in guests)
        {
            if (guest.Vitals is not { } vitals) continue;
            if (!used.TryGetValue(guest.Identity, out SampleAverage? average))
                used.Add(guest.Identity, average = new SampleAverage());
            average.Add((guest.ReportedSize - vitals.Free).Value);
        }
    }

    private MomGuest Guest(PeerGuest guest) =>
        new(
            guest.Actual, new KiB((long)used[guest.Identity].Mean), guest.Settings.Minimum ?? KiB.Zero,
            guest.Settings.Maximum);
}

/// <summary>
/// MOM's rules (oVirt/mom, doc/balloon.rules). Each guest is considered alone: while the host is short all shrink,
/// whatever they need; otherwise all grow, even those that need nothing.
/// </summary>
internal static class BalloonRules
{
    private const double Pressure = 0.20;
    private const double Critical = 0.05;
    private const double GuestFree = 0.20;
    private const double MostChange = 0.05;
    private const double LeastChange = 0.0025;

    /// <summary>The new size of a guest; null to leave it unchanged.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="hostFree">The average fraction of the host's memory that is free.</param>
    public static KiB? Target(MomGuest guest, double hostFree) =>
        hostFree < Pressure ? Shrink(guest, hostFree) : Grow(guest);

    private static KiB? Shrink(MomGuest guest, double hostFree)
    {
        // In a critical state the guest is forced to swap: it loses memory in use too.
        double part = hostFree <= Critical ? hostFree - Critical : GuestFree * hostFree / Pressure;
        KiB size = KiB.Max(guest.Current.Times(1 - MostChange), Least(guest, part));
        return size <= guest.Current ? IfWorthIt(guest, size) : null;
    }

    private static KiB? Grow(MomGuest guest)
    {
        if (guest.Current >= guest.Maximum) return null;
        KiB size = KiB.Max(guest.Current.Times(1 + MostChange), Least(guest, GuestFree));
        return IfWorthIt(guest, KiB.Min(size, guest.Maximum));
    }

    private static KiB Least(MomGuest guest, double free) =>
        KiB.Max(guest.Minimum, guest.Used + guest.Current.Times(free));

    private static KiB? IfWorthIt(MomGuest guest, KiB size) =>
        KiB.Max(size - guest.Current, guest.Current - size) > guest.Current.Times(LeastChange) ? size : null;
}

/// <summary>A guest as MOM's rules see it.</summary>
/// <param name="Current">The current size (<c>balloon_cur</c>).</param>
/// <param name="Used">Average memory in use (<c>balloon_cur</c> − <c>mem_unused</c>).</param>
/// <param name="Minimum">The minimum.</param>
/// <param name="Maximum">The maximum.</param>
internal readonly record struct MomGuest(KiB Current, KiB Used, KiB Minimum, KiB Maximum);

/// <summary>The mean of the last ten samples (MOM's <c>sample-history-length</c>).</summary>
internal sealed class SampleAverage
{
    private const int Length = 10;

    private readonly Queue<double> samples = new();

    /// <summary>The mean; zero before the first sample.</summary>
    public double Mean => samples.Count == 0 ? 0 : samples.Average();

    /// <summary>Adds a sample and drops the oldest of more than ten.</summary>
    public void Add(double sample)
    {
        samples.Enqueue(sample);
        if (samples.Count > Length) samples.Dequeue();
    }
}
