using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>The result of a request to the book.</summary>
/// <param name="Book">The book after the request; the same object if nothing changed.</param>
/// <param name="Changed">The reservations that were changed, in their new state, including ended ones.</param>
/// <param name="Error">Why the request was refused; null if it was carried out.</param>
public readonly record struct BookChange(
    ReservationBook Book, ImmutableArray<Reservation> Changed, string? Error = null);

/// <summary>The result of <see cref="ReservationBook.Update"/>.</summary>
/// <param name="Book">The book after the pass; the same object if nothing changed.</param>
/// <param name="Held">Free memory that is set aside and must not be given to any domain.</param>
/// <param name="Wanted">
/// What must still be freed, as soon as possible, for the minimums of waiting reservations that are within reach.
/// </param>
/// <param name="Desired">What the open reservations can use beyond that, up to their maximums, without urgency.</param>
/// <param name="Ended">Reservations that ended, with the state that shows how; the book no longer has them.</param>
public readonly record struct BookUpdate(
    ReservationBook Book, KiB Held, KiB Wanted, KiB Desired, ImmutableArray<Reservation> Ended);

/// <summary>
/// All open reservations. Immutable data: saving <see cref="Open"/> and <see cref="LastId"/> is enough to continue
/// later.
/// </summary>
public sealed class ReservationBook
{
    private ReservationBook(ImmutableArray<Reservation> open, long lastId)
    {
        Open = open;
        LastId = lastId;
    }

    /// <summary>The owner of the reservations that the balancer makes itself, for domains that reboot.</summary>
    public const string ReturnOwner = "xenballoond";

    /// <summary>A book without reservations, past or present.</summary>
    public static ReservationBook Empty { get; } = new([], 0);

    /// <summary>The open reservations in the order of their requests and numbers.</summary>
    public ImmutableArray<Reservation> Open { get; }

    /// <summary>The last number given out; 0 if none was.</summary>
    public long LastId { get; }

    /// <summary>Restores a saved book.</summary>
    /// <param name="reservations">
    /// The reservations, in any order, with times on the present snapshot clock; ended ones are dropped.
    /// </param>
    /// <param name="lastId">The last number given out; a number of a reservation counts if it is higher.</param>
    /// <exception cref="ArgumentException">Two have the same number.</exception>
    public static ReservationBook Restore(IEnumerable<Reservation> reservations, long lastId)
    {
        Reservation[] all = [.. reservations.OrderBy(reservation => reservation.Id)];
        for (int i = 1; i < all.Length; i++)
        {
            if (all[i].Id != all[i - 1].Id) continue;
            throw new ArgumentException($"there are two reservations {all[i].Id}", nameof(reservations));
        }

        long highest = all.Length > 0 ? Math.Max(lastId, all[^1].Id) : lastId;
        return new ReservationBook([.. all.Where(reservation => reservation.IsOpen)], highest);
    }

    /// <summary>Opens a reservation. Memory is held for it from the next <see cref="Update"/> on.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">The snapshot's clock.</param>
    public BookChange Request(ReservationRequest request, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Fault() is { } fault) return new BookChange(this, [], fault);
        var reservation = new Reservation
        {
            Id = LastId + 1,
            Minimum = request.Minimum,
            Maximum = request.Maximum,
            Owner = request.Owner,
            For = request.For,
            Persistent = request.Persistent,
            RequestedAt = now,
            Deadline = now + request.Within,
            ExpiresAt = now + request.ExpiresAfter,
        };
        // Memory held for the return of the same domain is part of what is requested for its start.
        ImmutableArray<Reservation> replaced = ForReturnOf(request.For);
        BookChange ended = End(replaced, ReservationState.Cancelled);
        return new BookChange(
            new ReservationBook(ended.Book.Open.Add(reservation), reservation.Id), [reservation, .. ended.Changed]);
    }

    /// <summary>
    /// Holds the memory of a domain that has left and may come back. Others cannot have got it yet, so it is ready at
    /// once. No effect if memory is reserved for that domain already.
    /// </summary>
    /// <param name="nameOrUuid">The domain.</param>
    /// <param name="size">What it needs.</param>
    /// <param name="now">The snapshot's clock.</param>
    /// <param name="until">When the memory is released if it has not come back.</param>
    internal ReservationBook HoldForReturn(string nameOrUuid, KiB size, TimeSpan now, TimeSpan until)
    {
        if (Open.Any(known => known.For == nameOrUuid && known.Claim is null)) return this;
        var reservation = new Reservation
        {
            Id = LastId + 1,
            Minimum = size,
            Maximum = size,
            Owner = ReturnOwner,
            For = nameOrUuid,
            Persistent = true,
            RequestedAt = now,
            ReadyAt = now,
            ExpiresAt = until,
            State = ReservationState.Ready,
        };
        return new ReservationBook(Open.Add(reservation), reservation.Id);
    }

    /// <summary>
    /// Ends a reservation in any open state; its memory is free for others at the next <see cref="Update"/>.
    /// </summary>
    public BookChange Cancel(long id) =>
        IndexOf(id) is { } index ? End([Open[index]], ReservationState.Cancelled) : Refused(NoSuch(id));

    /// <summary>Gives a reservation, and the memory held for it, to the domain that it was made for.</summary>
    /// <param name="id">A reservation that is or was ready.</param>
    /// <param name="domain">The domain, usually under construction.</param>
    /// <param name="heldBefore">
    /// What the domain occupied in the last snapshot, or zero if that did not have it: what it took since then came out
    /// of the reservation.
    /// </param>
    /// <param name="now">The snapshot's clock.</param>
    public BookChange Claim(long id, DomainIdentity domain, KiB heldBefore, TimeSpan now)
    {
        if (IndexOf(id) is not { } index) return Refused(NoSuch(id));
        Reservation reservation = Open[index];
        if (reservation.Claim is { } claim)
        {
            return Refused($"reservation {id} already belongs to domain {claim.Domain}");
        }

        if (reservation.ReadyAt is null) return Refused($"reservation {id} is not ready: {reservation.Explain()}");
        if (domain.IsDom0) return Refused("dom0 cannot claim a reservation: give another domain");
        if (IsClaimedBy(domain)) return Refused($"domain {domain} already has another reservation");
        reservation = reservation with
        {
            State = ReservationState.Claimed,
            Claim = new ReservationClaim(domain, heldBefore, reservation.Held, reservation.Held, now),
            Eta = null,
            Donations = [],
        };
        return new BookChange(With(Open.SetItem(index, reservation)), [reservation]);
    }

    /// <summary>Ends all reservations of this owner that are neither persistent nor claimed.</summary>
    public BookChange OwnerLeft(string owner) =>
        End([.. Open.Where(reservation => reservation.IsDroppedWith(owner))], ReservationState.OwnerLeft);

    /// <summary>Whether a domain has claimed a reservation.</summary>
    public bool IsClaimedBy(DomainIdentity domain) => Construction.HasReservation(Open.AsSpan(), domain);

    /// <summary>
    /// Whether an owner waits for memory, or a domain is about to take what was set aside for it: no event announces
    /// either.
    /// </summary>
    internal bool IsAnyPending
    {
        get
        {
            foreach (Reservation reservation in Open)
            {
                if (!reservation.Persistent || reservation.State != ReservationState.Ready) return true;
            }

            return false;
        }
    }

    /// <summary>
    /// Sets free memory aside for the open reservations and ends those that are due; once per pass, before growth is
    /// granted.
    /// </summary>
    /// <param name="snapshot">The host now.</param>
    /// <param name="free">Free memory that may be set aside: without the slack and without promised growth.</param>
    /// <param name="deliverable">
    /// What all donors together can still give now. A reservation that is out of reach even with this holds nothing,
    /// delays no other reservation and presses no domain.
    /// </param>
    public BookUpdate Update(HostSnapshot snapshot, KiB free, KiB deliverable)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return BookUpdater.Update(this, snapshot, free, deliverable);
    }

    /// <summary>
    /// Records when waiting reservations will be ready and what hinders them; once per pass, when the targets are
    /// decided.
    /// </summary>
    /// <param name="donors">The donors, as for <see cref="DonorChooser"/>.</param>
    /// <param name="statuses">The state of each domain that could give; each domain once.</param>
    /// <param name="now">The snapshot's clock.</param>
    public ReservationBook WithProgress(
        ReadOnlySpan<Donor> donors, ReadOnlySpan<DonorStatus> statuses, TimeSpan now) =>
        DonorProgress.Update(this, donors, statuses, now);

    /// <summary>The same book with other open reservations.</summary>
    internal ReservationBook With(ImmutableArray<Reservation> open) => new(open, LastId);

    private static string NoSuch(long id) => $"there is no reservation {id}";

    private ImmutableArray<Reservation> ForReturnOf(string nameOrUuid) =>
    [
        .. Open.Where(known => known.IsForReturn && known.Claim is null && known.For == nameOrUuid),
    ];

    private BookChange Refused(string error) => new(this, [], error);

    private BookChange End(ImmutableArray<Reservation> ending, ReservationState state)
    {
        if (ending.IsEmpty) return new BookChange(this, []);
        ImmutableArray<Reservation> ended =
        [
            .. ending.Select(reservation => reservation with { State = state, Held = KiB.Zero, Eta = null }),
        ];
        return new BookChange(With(Open.RemoveRange(ending)), ended);
    }

    private int? IndexOf(long id)
    {
        for (int i = 0; i < Open.Length; i++)
        {
            if (Open[i].Id == id) return i;
        }

        return null;
    }
}
