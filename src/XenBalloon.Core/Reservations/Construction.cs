using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>Follows the domain that a reservation belongs to while it takes its pages.</summary>
internal static class Construction
{
    /// <summary>A toolstack that has not populated a page for so long will not go on.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    /// <summary>Takes one more look at the domain.</summary>
    /// <param name="reservation">Any reservation; one that belongs to no domain is left as it is.</param>
    /// <param name="snapshot">The host now.</param>
    internal static Reservation Follow(Reservation reservation, HostSnapshot snapshot)
    {
        if (reservation.Claim is not { } claim) return reservation;
        if (Find(snapshot, claim.Domain) is not { Lifecycle: not DomainLifecycle.Dying } domain) return End(reservation, ReservationState.DomainDied);

        KiB taken = domain.Occupied - claim.HeldBefore;
        KiB owed = KiB.Max(KiB.Zero, KiB.Min(claim.Owed, claim.Granted - taken));
        TimeSpan takenAt = owed < claim.Owed ? snapshot.At : claim.TakenAt;
        if (owed == KiB.Zero || IsBuilt(domain)) return End(reservation, ReservationState.Completed);
        if (snapshot.At - takenAt >= LongestPause) return End(reservation, ReservationState.Abandoned);
        return owed == claim.Owed ? reservation : reservation with { Claim = claim with { Owed = owed, TakenAt = takenAt } };
    }

    /// <summary>Memory that went to domains under construction for which no reservation was claimed (yet).</summary>
    internal static KiB Unannounced(ReadOnlySpan<Reservation> reservations, HostSnapshot snapshot)
    {
        KiB sum = KiB.Zero;
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            if (domain.Lifecycle == DomainLifecycle.Building && !HasReservation(reservations, domain.Identity)) sum += domain.Occupied;
        }

        return sum;
    }

    /// <summary>Whether one of the reservations belongs to the domain.</summary>
    internal static bool HasReservation(ReadOnlySpan<Reservation> reservations, DomainIdentity domain)
    {
        foreach (Reservation one in reservations)
        {
            if (one.Claim?.Domain == domain) return true;
        }

        return false;
    }

    /// <summary>
    /// The toolstack writes <c>memory/target</c> when it has populated the memory. What a domain has not taken up to its target from then on counts as
    /// growth that was promised, so it needs no reservation.
    /// </summary>
    private static bool IsBuilt(DomainSnapshot domain) => domain.Target is not null && domain.Lifecycle != DomainLifecycle.Migrating;

    private static Reservation End(Reservation reservation, ReservationState state) => reservation with { State = state, Held = KiB.Zero };

    private static DomainSnapshot? Find(HostSnapshot snapshot, DomainIdentity identity)
    {
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            if (domain.Identity == identity) return domain;
        }

        return null;
    }
}
