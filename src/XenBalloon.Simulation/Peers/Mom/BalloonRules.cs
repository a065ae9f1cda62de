using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Mom;

/// <summary>
/// MOM's rules (oVirt/mom, doc/balloon.rules). Each guest is looked at alone: while the host is short all shrink, however much they need; otherwise all
/// grow, whether they need it or not.
/// </summary>
internal static class BalloonRules
{
    private const double Pressure = 0.20;
    private const double Critical = 0.05;
    private const double GuestFree = 0.20;
    private const double MostChange = 0.05;
    private const double LeastChange = 0.0025;

    /// <summary>A guest's new size; null to leave it.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="hostFree">The part of the host's memory that is free, on average.</param>
    public static KiB? Target(MomGuest guest, double hostFree) => hostFree < Pressure ? Shrink(guest, hostFree) : Grow(guest);

    private static KiB? Shrink(MomGuest guest, double hostFree)
    {
        // When it is critical, the guest is to swap: what it uses is not left to it either.
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

    private static KiB Least(MomGuest guest, double free) => KiB.Max(guest.Minimum, guest.Used + guest.Current.Times(free));

    private static KiB? IfWorthIt(MomGuest guest, KiB size) =>
        KiB.Max(size - guest.Current, guest.Current - size) > guest.Current.Times(LeastChange) ? size : null;
}
