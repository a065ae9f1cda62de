using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Peers.Common;

namespace XenBalloon.Simulation.Peers.HyperV;

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
