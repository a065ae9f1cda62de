using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

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

/// <summary>Hyper-V's Dynamic Memory, as far as it is documented, and the guest's side of it as Linux's hv_balloon driver shows it.</summary>
internal static class DynamicMemory
{
    private const double Buffer = 0.20;

    /// <summary>What a guest should have: its demand and a fifth more, within its bounds.</summary>
    public static KiB Wanted(KiB demand, KiB minimum, KiB maximum) => demand.Times(1 + Buffer).Clamp(minimum, maximum);

    /// <summary>What each gets: what it wants where that fits, else by weight, each its minimum at least.</summary>
    /// <param name="guests">Weight (1 to 10,000), minimum, and what is wanted.</param>
    /// <param name="capacity">What there is for all.</param>
    public static KiB[] Share(IReadOnlyList<(int Weight, KiB Minimum, KiB Wanted)> guests, KiB capacity) =>
        ShareOut.Among([.. guests.Select(guest => new Claim(guest.Weight, guest.Wanted, guest.Minimum, guest.Wanted))], capacity, idleTax: 0);

    /// <summary>
    /// What the Linux driver (drivers/hv/hv_balloon.c) keeps available when it is asked for memory, and adds to the demand that it reports: half of a tiny
    /// guest, a sixteenth of a usual one.
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

    /// <summary>What a guest comes down to when it is asked to: only what is available beyond its floor goes.</summary>
    /// <param name="asked">What it is asked to come down to.</param>
    /// <param name="current">What it has.</param>
    /// <param name="available">MemAvailable.</param>
    /// <param name="total">MemTotal.</param>
    public static KiB Yielded(KiB asked, KiB current, KiB available, KiB total) =>
        KiB.Max(asked, current - KiB.Max(KiB.Zero, available - Floor(total)));
}
