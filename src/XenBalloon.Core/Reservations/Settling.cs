using System.Buffers;
using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>One step of the book: follow the domains, set free memory aside, end what is at its end. Allocates nothing while nothing changes.</summary>
internal static class Settling
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
            Reservation one = Apply(reservations[i], held[i], passed[i], snapshot.At);
            bool outOfReach = (one.IsAwaited || one.State == ReservationState.Expired) && one.Minimum > reachable;
            reservations[i] = outOfReach == one.IsOutOfReach ? one : one with { IsOutOfReach = outOfReach };
        }

        BookUpdate settlement = Compose(book, reservations, snapshot, deliverable);

        ArrayPool<KiB>.Shared.Return(rentedAmounts);
        ArrayPool<Reservation>.Shared.Return(rented, clearArray: true);
        return settlement;
    }

    private static Reservation Apply(Reservation reservation, KiB held, KiB passed, TimeSpan now)
    {
        if (!reservation.IsOpen) return reservation;
        if (reservation.Claim is not null) return held == reservation.Held ? reservation : reservation with { Held = held };
        if (held >= reservation.Minimum) return Ready(reservation, held, now);
        if (reservation.ReadyAt is null && reservation.Deadline <= now)
        {
            return reservation with { State = ReservationState.Expired, Held = KiB.Zero, Eta = null };
        }

        if (reservation.State == ReservationState.Gathering && reservation.Held == held && passed == KiB.Zero) return reservation;
        return reservation with { State = ReservationState.Gathering, Held = held, Overtaken = reservation.Overtaken + passed };
    }

    private static Reservation Ready(Reservation reservation, KiB held, TimeSpan now)
    {
        if (reservation.State == ReservationState.Ready && reservation.Held == held) return reservation;
        return reservation with { State = ReservationState.Ready, Held = held, ReadyAt = reservation.ReadyAt ?? now, Eta = null, Donations = [] };
    }

    private static BookUpdate Compose(ReservationBook book, ReadOnlySpan<Reservation> reservations, HostSnapshot snapshot, KiB deliverable)
    {
        KiB held = KiB.Zero, awaited = KiB.Zero, lost = KiB.Zero, desired = KiB.Zero;
        bool changed = false, ended = false;
        for (int i = 0; i < reservations.Length; i++)
        {
            Reservation one = reservations[i];
            held += one.Held;
            if (one.ReadyAt is null) awaited += one.Wanted;
            else lost += one.Wanted;
            desired += one.Desired;
            changed |= !ReferenceEquals(one, book.Open[i]);
            ended |= !one.IsOpen;
        }

        // What a ready reservation lost to a domain that is being built has most likely reached the one it was made for, only that no one has said so
        // yet: to free it anew would press the others for nothing.
        if (lost > KiB.Zero) lost = KiB.Min(deliverable, KiB.Max(KiB.Zero, lost - Construction.Unannounced(reservations, snapshot)));
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
        foreach (Reservation one in reservations)
        {
            if (one.IsOpen == open) selected.Add(one);
        }

        return selected.DrainToImmutable();
    }
}
