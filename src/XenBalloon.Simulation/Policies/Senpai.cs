using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Senpai for each guest as if it were a cgroup, with the target as the cgroup's limit. Of the host it knows only the
/// free memory: guests grow only into that, in the order of their domids. If no minimum is set, it is 100 MiB above
/// what cannot be reclaimed. Guests without pressure files are left unchanged. It does not free memory for starts.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class SenpaiPolicy(Scenario scenario) : IMemoryPolicy
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly KiB LeastLimit = KiB.FromMiB(100);

    private readonly GuestTracker tracker = new(scenario);
    private readonly Dictionary<DomainIdentity, SenpaiGuest> known = [];

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        IReadOnlyList<PeerGuest> guests = tracker.Update(snapshot);
        KiB spare = KiB.Max(KiB.Zero, FreeMemory.Unpromised(snapshot, guests));
        var commands = new PeerCommands();
        foreach (PeerGuest guest in guests)
        {
            KiB change = Change(guest);
            if (change == KiB.Zero) continue;
            KiB size = KiB.Min(
                (guest.Target + change).Clamp(Minimum(guest), guest.Settings.Maximum),
                guest.Target + spare).FloorToPage();
            spare -= KiB.Max(KiB.Zero, size - guest.Target);
            commands.Resize(guest, size);
        }

        return new PolicyDecision(commands.ToImmutable(), Interval);
    }

    private KiB Change(PeerGuest guest)
    {
        if (guest.Vitals?.Pressure is not { MemorySomeTotal: { } stalled, MemorySome: { } memory } pressure)
            return KiB.Zero;
        if (!known.TryGetValue(guest.Identity, out SenpaiGuest? remembered))
            known.Add(guest.Identity, remembered = new SenpaiGuest());
        return remembered.Update(guest.Target, stalled, Math.Max(memory, pressure.IoSome ?? 0));
    }

    private static KiB Minimum(PeerGuest guest)
    {
        if (guest.Settings.Minimum is { } configured) return configured;
        ReportedVitals vitals = guest.Vitals!.Value;
        return KiB.Min(guest.Target, LeastLimit + guest.Actual - vitals.Free - vitals.FileCache - vitals.Swappable);
    }
}

/// <summary>Senpai's state of one guest.</summary>
internal sealed class SenpaiGuest
{
    // Six updates, one each second, between probes.
    private const int Grace = 6;

    private int updatesLeft = Grace;
    private TimeSpan? lastTotal;
    private TimeSpan stalled;

    /// <summary>Updates once a second; returns the change of size.</summary>
    /// <param name="size">The current size.</param>
    /// <param name="stalledTotal">The total time in which some task of the guest waited for memory.</param>
    /// <param name="pressure">The greater of its memory and I/O pressure, 0 to 1.</param>
    public KiB Update(KiB size, TimeSpan stalledTotal, double pressure)
    {
        if (stalledTotal > lastTotal) stalled += stalledTotal - lastTotal.Value;
        lastTotal = stalledTotal;
        KiB back = SenpaiRule.BackOff(size, stalled);
        if (back > KiB.Zero) return Changed(back);
        if (--updatesLeft > 0) return KiB.Zero;
        return Changed(-SenpaiRule.Probe(size, pressure));
    }

    private KiB Changed(KiB by)
    {
        (stalled, updatesLeft) = (TimeSpan.Zero, Grace);
        return by;
    }
}

/// <summary>
/// Meta's Senpai (facebookincubator/senpai; Weiner et al., "TMO", ASPLOS 2022). It takes memory in small steps until
/// the programs start to wait for it, and gives it back faster the longer they wait.
/// </summary>
internal static class SenpaiRule
{
    private const double MostProbe = 0.01;
    private const double PressureThreshold = 0.001;
    private const double BackOffCoefficient = 20;
    private static readonly TimeSpan TargetStall = TimeSpan.FromMilliseconds(10);

    /// <summary>What to take: size × 1 % × max(0, 1 − PSI / 0.1 %).</summary>
    /// <param name="size">The current size.</param>
    /// <param name="pressure">The fraction of time in which some task waited for memory or disk, 0 to 1.</param>
    public static KiB Probe(KiB size, double pressure) =>
        size.Times(MostProbe * Math.Max(0, 1 - (pressure / PressureThreshold)));

    /// <summary>What to give back; zero while the stall is below the 10 ms that it aims at.</summary>
    /// <param name="size">The current size.</param>
    /// <param name="stalled">How long some task has waited for memory since the last change.</param>
    public static KiB BackOff(KiB size, TimeSpan stalled)
    {
        if (stalled <= TargetStall) return KiB.Zero;
        double factor = stalled / TargetStall / BackOffCoefficient;
        return size.Times(Math.Min(1, factor * factor));
    }
}
