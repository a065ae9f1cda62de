using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Hyper-V's Dynamic Memory in charge of the host. Once a second it gives each guest its demand (its committed memory)
/// and a fifth more, by weight when memory is short. Unneeded memory is collected only every five minutes. Memory for a
/// start is taken from the other guests, but not below their minimum, by default 512 MiB or the boot memory if that is
/// less. Memory is given out only when it is free.
/// </summary>
/// <param name="scenario">The scenario, for the settings of its guests.</param>
internal sealed class HyperVPolicy(Scenario scenario) : IMemoryPolicy
{
    // The default weight of 100 is Hyper-V's default of 5,000 of 10,000.
    private const int WeightScale = 50;
    private const int HighestWeight = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CollectInterval = TimeSpan.FromMinutes(5);
    private static readonly KiB UsualMinimum = KiB.FromMiB(512);

    private readonly GuestTracker tracker = new(scenario);
    private TimeSpan collectedAt;

    /// <inheritdoc/>
    public PolicyDecision Decide(HostSnapshot snapshot, ImmutableArray<StartRequest> waiting)
    {
        PeerGuest[] guests = [.. tracker.Update(snapshot).Where(guest => guest.IsUp)];
        KiB starts = FreeMemory.NeededBy(waiting);
        KiB capacity = snapshot.Free - starts + new KiB(guests.Sum(guest => guest.Actual.Value));
        KiB[] shares = DynamicMemory.Share(
            Array.ConvertAll(guests, guest => (Weight(guest), Minimum(guest), Wanted(guest))), capacity);

        bool isShort = snapshot.Free < starts || guests.Zip(shares).Any(pair => pair.Second > pair.First.Target);
        bool collecting = snapshot.At - collectedAt >= CollectInterval;
        if (collecting) collectedAt = snapshot.At;
        var commands = new PeerCommands();
        PacedResize.Apply(
            commands, snapshot,
            [.. guests.Zip(shares, (guest, share) => (guest, Size(guest, share, isShort || collecting)))], starts);
        return new PolicyDecision(commands.ToImmutable(), Interval);
    }

    private static int Weight(PeerGuest guest) => Math.Clamp(guest.Settings.Weight * WeightScale, 1, HighestWeight);

    private static KiB Minimum(PeerGuest guest) =>
        guest.Settings.Minimum ?? KiB.Min(UsualMinimum, guest.Settings.BootMemory);

    // A guest that does not report keeps its boot memory.
    private static KiB Wanted(PeerGuest guest) => guest.Vitals is { } vitals
        ? DynamicMemory.Wanted(
            vitals.Committed + DynamicMemory.Floor(vitals.Total), Minimum(guest),
            KiB.Max(Minimum(guest), guest.Settings.Maximum))
        : KiB.Max(Minimum(guest), guest.Settings.BootMemory);

    private static KiB Size(PeerGuest guest, KiB share, bool collecting)
    {
        if (share >= guest.Target) return share;
        if (!collecting) return guest.Target;
        if (guest.Vitals is not { } vitals) return share;

        return KiB.Min(guest.Target, DynamicMemory.Reduced(share, guest.ReportedSize, vitals.Available, vitals.Total));
    }
}

/// <summary>
/// Hyper-V's Dynamic Memory, as far as it is documented, with the guest's side as in Linux's hv_balloon driver.
/// </summary>
internal static class DynamicMemory
{
    private const double Buffer = 0.20;

    /// <summary>The wanted size: the demand and a fifth more, within the range.</summary>
    public static KiB Wanted(KiB demand, KiB minimum, KiB maximum) => demand.Times(1 + Buffer).Clamp(minimum, maximum);

    /// <summary>The size of each guest: what it wants if that fits, else by weight, but at least its minimum.</summary>
    /// <param name="guests">Weight (1 to 10,000), minimum and wanted size.</param>
    /// <param name="capacity">The memory to divide.</param>
    public static KiB[] Share(IReadOnlyList<(int Weight, KiB Minimum, KiB Wanted)> guests, KiB capacity) =>
        WeightedShares.Divide(
            [.. guests.Select(guest => new WeightedDemand(guest.Weight, guest.Wanted, guest.Minimum, guest.Wanted))],
            capacity, idleTax: 0);

    /// <summary>
    /// What the Linux driver (drivers/hv/hv_balloon.c) keeps available when it returns memory, and adds to the demand
    /// that it reports: half of a tiny guest, a sixteenth of a typical one.
    /// </summary>
    /// <param name="total">MemTotal.</param>
    public static KiB Floor(KiB total) => total.Value switch
    {
        < 128 * 1024 => KiB.FromMiB(8) + total.Times(1.0 / 2),
        < 512 * 1024 => KiB.FromMiB(40) + total.Times(1.0 / 4),
        < 2048 * 1024 => KiB.FromMiB(104) + total.Times(1.0 / 8),
        < 8192 * 1024 => KiB.FromMiB(232) + total.Times(1.0 / 16),
        _ => KiB.FromMiB(488) + total.Times(1.0 / 32),
    };

    /// <summary>The size that a guest shrinks to: it returns only what is available beyond its floor.</summary>
    /// <param name="requested">The requested size.</param>
    /// <param name="current">The current size.</param>
    /// <param name="available">MemAvailable.</param>
    /// <param name="total">MemTotal.</param>
    public static KiB Reduced(KiB requested, KiB current, KiB available, KiB total) =>
        KiB.Max(requested, current - KiB.Max(KiB.Zero, available - Floor(total)));
}
