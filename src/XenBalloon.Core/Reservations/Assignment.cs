using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>
/// Decides which reservation gets the free memory. First memory that is promised: to domains under construction, then
/// to reservations that were reported as ready. Then the minimums, oldest request first. A reservation that does not
/// fit yet lets later, smaller ones go ahead, because too little memory is of no use to it. This is backfilling as in
/// batch schedulers (Lifka, JSSPP 1995), with a bound against starvation: in all, no more goes ahead of a reservation
/// than it requested itself. A reservation that is out of reach even with all that the donors can give gets nothing and
/// delays no other. The rest is kept for waiting reservations, and the maximums come last.
/// </summary>
internal static class Assignment
{
    /// <summary>Assigns the free memory from scratch; only promises carry over from the previous pass.</summary>
    /// <param name="reservations">In the order of their requests; ended ones get nothing.</param>
    /// <param name="free">Memory that may be set aside.</param>
    /// <param name="deliverable">What the donors can give beyond that.</param>
    /// <param name="held">In: zero. Out: what is set aside for each.</param>
    /// <param name="passed">In: zero. Out: how much of that went to later requests ahead of each that waits.</param>
    /// <returns>The most that waiting reservations can reach: a larger minimum is out of reach.</returns>
    internal static KiB Assign(
        ReadOnlySpan<Reservation> reservations, KiB free, KiB deliverable, Span<KiB> held, Span<KiB> passed)
    {
        KiB left = KiB.Max(KiB.Zero, free.FloorToPage());
        for (int i = 0; i < reservations.Length; i++)
        {
            if (reservations[i] is not { State: ReservationState.Claimed, Claim: { } claim }) continue;
            held[i] = Take(ref left, claim.Outstanding);
        }

        for (int i = 0; i < reservations.Length; i++)
        {
            if (IsPromised(reservations[i])) held[i] = Take(ref left, reservations[i].Minimum);
        }

        KiB reachable = left + deliverable;
        FillMinimums(reservations, reachable, ref left, held, passed);
        for (int i = 0; i < reservations.Length; i++)
        {
            Reservation reservation = reservations[i];
            bool isWaiting = reservation.IsAwaited && reservation.Minimum <= reachable && held[i] == KiB.Zero;
            if (isWaiting) held[i] = Take(ref left, reservation.Minimum);
        }

        for (int i = 0; i < reservations.Length; i++)
        {
            Reservation reservation = reservations[i];
            if (reservation.State > ReservationState.Ready) continue;
            if (held[i] > KiB.Zero || !reservation.IsAwaited) held[i] += Take(ref left, reservation.Maximum - held[i]);
        }

        return reachable;
    }

    private static void FillMinimums(
        ReadOnlySpan<Reservation> reservations, KiB reachable, ref KiB left, Span<KiB> held, Span<KiB> passed)
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

    private static bool IsPromised(Reservation reservation) =>
        reservation.IsOpen && reservation.Claim is null && reservation.ReadyAt is not null;

    private static KiB Take(ref KiB left, KiB wanted)
    {
        KiB taken = KiB.Min(left, wanted);
        left -= taken;
        return taken;
    }
}
