using XenBalloon.Core;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Objects;

/// <summary>A reservation as its object shows it: times are those of the wall clock, in whole seconds, so that what is the same looks the same.</summary>
/// <param name="Reservation">The reservation.</param>
/// <param name="Deadline">When its minimum must be free, Unix time in s; 0 for no hurry.</param>
/// <param name="Eta">When it will be, as far as is known, Unix time in s; 0 where that is not known, or nothing is done for it in this mode.</param>
internal sealed record PublishedReservation(Reservation Reservation, ulong Deadline, ulong Eta)
{
    internal static PublishedReservation Of(Reservation reservation, Publication publication) =>
        new(reservation, Seconds(publication, reservation.Deadline), publication.Mode == BalancerMode.Active ? Seconds(publication, reservation.Eta) : 0);

    private static ulong Seconds(Publication publication, TimeSpan? at) => at is { } known ? (ulong)Math.Max(0, publication.ToWallClock(known).ToUnixTimeSeconds()) : 0;
}
