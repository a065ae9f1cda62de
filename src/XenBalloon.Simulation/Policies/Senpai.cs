using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

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

/// <summary>What Senpai remembers of one guest.</summary>
internal sealed class SenpaiGuest
{
    // Six looks of a second each between probes.
    private const int Grace = 6;

    private int looksLeft = Grace;
    private TimeSpan? lastTotal;
    private TimeSpan stalled;

    /// <summary>Looks once a second; returns by how much the size is to change.</summary>
    /// <param name="size">What the guest has.</param>
    /// <param name="stalledTotal">All the time in which some task of the guest waited for memory.</param>
    /// <param name="pressure">The greater of its memory and I/O pressure, 0 to 1.</param>
    public KiB Look(KiB size, TimeSpan stalledTotal, double pressure)
    {
        if (stalledTotal > lastTotal) stalled += stalledTotal - lastTotal.Value;
        lastTotal = stalledTotal;
        KiB back = SenpaiRule.BackOff(size, stalled);
        if (back > KiB.Zero) return Changed(back);
        if (--looksLeft > 0) return KiB.Zero;
        return Changed(-SenpaiRule.Probe(size, pressure));
    }

    private KiB Changed(KiB by)
    {
        (stalled, looksLeft) = (TimeSpan.Zero, Grace);
        return by;
    }
}

/// <summary>
/// Meta's Senpai (facebookincubator/senpai; Weiner et al., "TMO", ASPLOS 2022): takes memory a little at a time until the programs just begin to wait for
/// it, and gives it back the faster, the longer they have waited.
/// </summary>
internal static class SenpaiRule
{
    private const double MostProbe = 0.01;
    private const double PressureThreshold = 0.001;
    private const double BackOffCoefficient = 20;
    private static readonly TimeSpan TargetStall = TimeSpan.FromMilliseconds(10);

    /// <summary>What to take: size × 1 % × max(0, 1 − PSI / 0.1 %).</summary>
    /// <param name="size">What the guest has.</param>
    /// <param name="pressure">The part of time in which some task waited for memory or for a disk, 0 to 1.</param>
    public static KiB Probe(KiB size, double pressure) => size.Times(MostProbe * Math.Max(0, 1 - (pressure / PressureThreshold)));

    /// <summary>What to give back; zero while the wait is below the 10 ms that it aims at.</summary>
    /// <param name="size">What the guest has.</param>
    /// <param name="stalled">How long some task has waited for memory since the last change.</param>
    public static KiB BackOff(KiB size, TimeSpan stalled)
    {
        if (stalled <= TargetStall) return KiB.Zero;
        double factor = stalled / TargetStall / BackOffCoefficient;
        return size.Times(Math.Min(1, factor * factor));
    }
}
