using System.Buffers;
using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>
/// One pass of the book: follows the domains that have a claim, sets free memory aside, and ends what is due. Allocates
/// nothing while nothing changes.
/// </summary>
internal static class BookUpdater
{
    internal static BookUpdate Update(ReservationBook book, HostSnapshot snapshot, KiB free, KiB deliverable)
    {
        int count = book.Open.Length;
        if (count == 0) return new BookUpdate(book, KiB.Zero, KiB.Zero, KiB.Zero, []);

        Reservation[] rented = ArrayPool<Reservation>.Shared.Rent(count);
        KiB[] rentedAmounts = ArrayPool<KiB>.Shared.Rent(2 * count);
        Span<Reservation> reservations = rented.AsSpan(0, count);
        Span<KiB> held = rentedAmounts.AsSpan(0, count), passed = rentedAmounts.AsSpan(count, count);
        held.Clear();
        passed.Clear();

        for (int i = 0; i < count; i++) reservations[i] = Construction.Follow(book.Open[i], snapshot);
        KiB reachable = Assignment.Assign(reservations, free, deliverable, held, passed);
        for (int i = 0; i < count; i++)
        {
            Reservation applied = Apply(reservations[i], held[i], passed[i], snapshot.At);
            bool isWaiting = applied.IsAwaited || applied is { State: ReservationState.Expired, ReadyAt: null };
            bool isOutOfReach = isWaiting && applied.Minimum > reachable;
            reservations[i] = isOutOfReach == applied.IsOutOfReach
                ? applied
                : applied with { IsOutOfReach = isOutOfReach };
        }

        BookUpdate update = Compose(book, reservations, snapshot, deliverable);

        ArrayPool<KiB>.Shared.Return(rentedAmounts);
        ArrayPool<Reservation>.Shared.Return(rented, clearArray: true);
        return update;
    }

    private static Reservation Apply(Reservation reservation, KiB held, KiB passed, TimeSpan now)
    {
        if (!reservation.IsOpen) return reservation;
        if (reservation.Claim is not null)
        {
            return held == reservation.Held ? reservation : reservation with { Held = held };
        }

        bool isExpired = reservation.ExpiresAt <= now;
        if (held >= reservation.Minimum && !isExpired) return Ready(reservation, held, now);
        if (isExpired || (reservation.ReadyAt is null && reservation.Deadline <= now))
        {
            return reservation with { State = ReservationState.Expired, Held = KiB.Zero, Eta = null };
        }

        bool isUnchanged = reservation.State == ReservationState.Gathering
            && reservation.Held == held
            && passed == KiB.Zero;
        if (isUnchanged) return reservation;
        KiB overtaken = reservation.Overtaken + passed;
        return reservation with { State = ReservationState.Gathering, Held = held, Overtaken = overtaken };
    }

    private static Reservation Ready(Reservation reservation, KiB held, TimeSpan now)
    {
        if (reservation.State == ReservationState.Ready && reservation.Held == held) return reservation;
        return reservation with
        {
            State = ReservationState.Ready,
            Held = held,
            ReadyAt = reservation.ReadyAt ?? now,
            Eta = null,
            Donations = [],
        };
    }

    private static BookUpdate Compose(
        ReservationBook book, ReadOnlySpan<Reservation> reservations, HostSnapshot snapshot, KiB deliverable)
    {
        KiB held = KiB.Zero, awaited = KiB.Zero, lost = KiB.Zero, desired = KiB.Zero;
        bool changed = false, ended = false;
        for (int i = 0; i < reservations.Length; i++)
        {
            Reservation reservation = reservations[i];
            held += reservation.Held;
            if (reservation.ReadyAt is null) awaited += reservation.Wanted;
            else lost += reservation.Wanted;
            desired += reservation.Desired;
            changed |= !ReferenceEquals(reservation, book.Open[i]);
            ended |= !reservation.IsOpen;
        }

        // Memory that a ready reservation lost to a domain under construction has most likely reached the domain that
        // it was made for, only without a claim so far: freeing it again would press the others for nothing.
        if (lost > KiB.Zero)
        {
            KiB unclaimed = Construction.Unclaimed(reservations, snapshot);
            lost = KiB.Min(deliverable, KiB.Max(KiB.Zero, lost - unclaimed));
        }

        return new BookUpdate(
            changed ? book.With(Select(reservations, open: true)) : book,
            held,
            awaited + lost,
            desired,
            ended ? Select(reservations, open: false) : []);
    }

    private static ImmutableArray<Reservation> Select(ReadOnlySpan<Reservation> reservations, bool open)
    {
        ImmutableArray<Reservation>.Builder selected = ImmutableArray.CreateBuilder<Reservation>(reservations.Length);
        foreach (Reservation reservation in reservations)
        {
            if (reservation.IsOpen == open) selected.Add(reservation);
        }

        return selected.DrainToImmutable();
    }
}

/// <summary>Follows the domain that claimed a reservation while it takes its pages.</summary>
internal static class Construction
{
    /// <summary>A toolstack that has not populated a page for this long will not go on.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    /// <summary>Brings a claim up to date.</summary>
    /// <param name="reservation">Any reservation; one without a claim is returned as it is.</param>
    /// <param name="snapshot">The host now.</param>
    internal static Reservation Follow(Reservation reservation, HostSnapshot snapshot)
    {
        if (reservation.Claim is not { } claim) return reservation;
        if (Find(snapshot, claim.Domain) is not { Lifecycle: not DomainLifecycle.Dying } domain)
        {
            return End(reservation, ReservationState.DomainDied);
        }

        KiB taken = domain.Occupied - claim.HeldBefore;
        KiB outstanding = KiB.Max(KiB.Zero, KiB.Min(claim.Outstanding, claim.Granted - taken));
        TimeSpan takenAt = outstanding < claim.Outstanding ? snapshot.At : claim.TakenAt;
        if (outstanding == KiB.Zero || IsBuilt(domain)) return End(reservation, ReservationState.Completed);
        if (snapshot.At - takenAt >= LongestPause) return End(reservation, ReservationState.Abandoned);
        return outstanding == claim.Outstanding
            ? reservation
            : reservation with { Claim = claim with { Outstanding = outstanding, TakenAt = takenAt } };
    }

    /// <summary>Memory of domains under construction without a claimed reservation.</summary>
    internal static KiB Unclaimed(ReadOnlySpan<Reservation> reservations, HostSnapshot snapshot)
    {
        KiB sum = KiB.Zero;
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            bool isBuilding = domain.Lifecycle == DomainLifecycle.Building;
            if (isBuilding && !HasReservation(reservations, domain.Identity)) sum += domain.Occupied;
        }

        return sum;
    }

    /// <summary>Whether the domain has claimed one of the reservations.</summary>
    internal static bool HasReservation(ReadOnlySpan<Reservation> reservations, DomainIdentity domain)
    {
        foreach (Reservation reservation in reservations)
        {
            if (reservation.Claim?.Domain == domain) return true;
        }

        return false;
    }

    /// <summary>
    /// The toolstack writes <c>memory/target</c> after it has populated the memory. From then on, what the domain has
    /// not taken up to its target counts as promised growth, so it needs no reservation.
    /// </summary>
    private static bool IsBuilt(DomainSnapshot domain) =>
        domain.Target is not null && domain.Lifecycle != DomainLifecycle.Migrating;

    private static Reservation End(Reservation reservation, ReservationState state) =>
        reservation with { State = state, Held = KiB.Zero };

    private static DomainSnapshot? Find(HostSnapshot snapshot, DomainIdentity identity)
    {
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            if (domain.Identity == identity) return domain;
        }

        return null;
    }
}
