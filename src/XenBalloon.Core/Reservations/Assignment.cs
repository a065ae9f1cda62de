using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>
/// Which reservation gets the memory that is free. First what was promised already: to domains under construction, then to those that were told that they
/// are ready. Then the minimums in the order in which they were asked for, where one that does not fit yet lets later, smaller ones go ahead: memory that
/// is not enough for it is of no use to it. Backfilling, as batch schedulers do it (Lifka, JSSPP 1995), with a bound against starvation: in all no more
/// goes ahead of a reservation than it asked for itself. One that is out of reach even with all that the donors can give gets nothing and holds no one up.
/// What is left is kept for those that wait, and last come the maximums.
/// </summary>
internal static class Assignment
{
    /// <summary>Shares the free memory out anew; only what was promised binds from one step to the next.</summary>
    /// <param name="reservations">In the order in which they were asked for; ended ones get nothing.</param>
    /// <param name="free">What may be set aside.</param>
    /// <param name="deliverable">What the donors can give beyond that.</param>
    /// <param name="held">Zero; then what is set aside for each.</param>
    /// <param name="passed">Zero; then what of it went to later ones over the head of each that waits.</param>
    /// <returns>What those that wait could reach at the most: a greater minimum is out of reach.</returns>
    internal static KiB Assign(ReadOnlySpan<Reservation> reservations, KiB free, KiB deliverable, Span<KiB> held, Span<KiB> passed)
    {
        KiB left = KiB.Max(KiB.Zero, free.FloorToPage());
        for (int i = 0; i < reservations.Length; i++)
        {
            if (reservations[i] is { State: ReservationState.Claimed, Claim: { } claim }) held[i] = Take(ref left, claim.Owed);
        }

        for (int i = 0; i < reservations.Length; i++)
        {
            if (IsPromised(reservations[i])) held[i] = Take(ref left, reservations[i].Minimum);
        }

        KiB reachable = left + deliverable;
        FillMinimums(reservations, reachable, ref left, held, passed);
        for (int i = 0; i < reservations.Length; i++)
        {
            if (reservations[i].IsAwaited && reservations[i].Minimum <= reachable && held[i] == KiB.Zero) held[i] = Take(ref left, reservations[i].Minimum);
        }

        for (int i = 0; i < reservations.Length; i++)
        {
            if (reservations[i].State <= ReservationState.Ready && (held[i] > KiB.Zero || !reservations[i].IsAwaited)) held[i] += Take(ref left, reservations[i].Maximum - held[i]);
        }

        return reachable;
    }

    private static void FillMinimums(ReadOnlySpan<Reservation> reservations, KiB reachable, ref KiB left, Span<KiB> held, Span<KiB> passed)
    {
        KiB? mayPass = null;
        for (int i = 0; i < reservations.Length; i++)
        {
            if (!reservations[i].IsAwaited) continue;
            KiB minimum = reservations[i].Minimum;
            if (minimum <= left && (mayPass is not { } bound || minimum <= bound))
            {
                held[i] = Take(ref left, minimum);
                mayPass -= minimum;
            }
            else if (minimum <= reachable)
            {
                KiB own = minimum - reservations[i].Overtaken;
                mayPass = mayPass is { } other ? KiB.Min(other, own) : own;
            }
        }

        KiB later = KiB.Zero;
        for (int i = reservations.Length - 1; i >= 0; i--)
        {
            if (!reservations[i].IsAwaited) continue;
            if (held[i] > KiB.Zero) later += held[i];
            else if (reservations[i].Minimum <= reachable) passed[i] = later;
        }
    }

    private static bool IsPromised(Reservation reservation) => reservation.IsOpen && reservation.Claim is null && reservation.ReadyAt is not null;

    private static KiB Take(ref KiB left, KiB wanted)
    {
        KiB taken = KiB.Min(left, wanted);
        left -= taken;
        return taken;
    }
}
