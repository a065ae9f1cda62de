using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>All open reservations; immutable, and nothing but data: whoever saves <see cref="Open"/> and <see cref="LastId"/> can go on from there.</summary>
public sealed class ReservationBook
{
    private ReservationBook(ImmutableArray<Reservation> open, long lastId)
    {
        Open = open;
        LastId = lastId;
    }

    /// <summary>No reservation, and none yet.</summary>
    public static ReservationBook Empty { get; } = new([], 0);

    /// <summary>The open reservations in the order in which they were asked for, which is that of their numbers.</summary>
    public ImmutableArray<Reservation> Open { get; }

    /// <summary>The last number given out; 0 when none was.</summary>
    public long LastId { get; }

    /// <summary>A book as it was saved.</summary>
    /// <param name="reservations">The reservations, in any order, their times on the present snapshot clock; ended ones are left out.</param>
    /// <param name="lastId">The last number given out; no less than any of theirs is assumed.</param>
    /// <exception cref="ArgumentException">Two have the same number.</exception>
    public static ReservationBook Restore(IEnumerable<Reservation> reservations, long lastId)
    {
        Reservation[] all = [.. reservations.OrderBy(one => one.Id)];
        for (int i = 1; i < all.Length; i++)
        {
            if (all[i].Id == all[i - 1].Id) throw new ArgumentException($"there are two reservations {all[i].Id}", nameof(reservations));
        }

        return new ReservationBook([.. all.Where(one => one.IsOpen)], all.Length > 0 ? Math.Max(lastId, all[^1].Id) : lastId);
    }

    /// <summary>Opens a reservation. Nothing is held for it before the next <see cref="Update"/>.</summary>
    /// <param name="request">What is wanted.</param>
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
        };
        return new BookChange(new ReservationBook(Open.Add(reservation), reservation.Id), [reservation]);
    }

    /// <summary>Ends a reservation, whatever its state; what is held for it is free for others at the next <see cref="Update"/>.</summary>
    public BookChange Cancel(long id) =>
        IndexOf(id) is { } index ? End([Open[index]], ReservationState.Cancelled) : Refused(NoSuch(id));

    /// <summary>Gives a reservation to the domain that it was made for, with what is held for it.</summary>
    /// <param name="id">A reservation that is, or once was, ready.</param>
    /// <param name="domain">The domain, usually under construction.</param>
    /// <param name="heldBefore">
    /// What the domain occupied in the snapshot that was last settled, and zero when it was not there yet: what it took since then came out of the
    /// reservation.
    /// </param>
    /// <param name="now">The snapshot's clock.</param>
    public BookChange Claim(long id, DomainIdentity domain, KiB heldBefore, TimeSpan now)
    {
        if (IndexOf(id) is not { } index) return Refused(NoSuch(id));
        Reservation reservation = Open[index];
        if (reservation.Claim is { } claim) return Refused($"reservation {id} already belongs to domain {claim.Domain}");
        if (reservation.ReadyAt is null) return Refused($"reservation {id} is not ready: {reservation.Explain()}");
        if (domain.IsDom0) return Refused("dom0 takes no reservation");
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

    /// <summary>Ends all that this owner asked for and that is neither persistent nor a domain's already.</summary>
    public BookChange OwnerLeft(string owner) =>
        End([.. Open.Where(one => one.Owner == owner && !one.Persistent && one.Claim is null)], ReservationState.OwnerLeft);

    /// <summary>Whether a domain has a reservation: what it takes was set aside for it.</summary>
    public bool IsClaimedBy(DomainIdentity domain) => Construction.HasReservation(Open.AsSpan(), domain);

    /// <summary>Sets free memory aside for the open reservations and ends those that are at their end; once a step, before growth is granted.</summary>
    /// <param name="snapshot">The host now.</param>
    /// <param name="free">Free memory that may be set aside: without the slack and without growth that was promised and not yet taken.</param>
    /// <param name="deliverable">
    /// What all donors together could still give now. A reservation that this does not reach for holds no other up, holds nothing, and presses nobody.
    /// </param>
    public BookUpdate Update(HostSnapshot snapshot, KiB free, KiB deliverable)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return Settling.Update(this, snapshot, free, deliverable);
    }

    /// <summary>Notes, for those that gather, when they will be ready and who is in their way; once a step, when the targets are decided.</summary>
    /// <param name="donors">Whoever can give, as for <see cref="DonorChooser"/>.</param>
    /// <param name="standings">Whoever was asked or cannot be asked; each domain once.</param>
    /// <param name="now">The snapshot's clock.</param>
    public ReservationBook WithProgress(ReadOnlySpan<Donor> donors, ReadOnlySpan<DonorStatus> standings, TimeSpan now) =>
        Progress.Note(this, donors, standings, now);

    /// <summary>The same book with other open reservations.</summary>
    internal ReservationBook With(ImmutableArray<Reservation> open) => new(open, LastId);

    private static string NoSuch(long id) => $"there is no reservation {id}";

    private BookChange Refused(string error) => new(this, [], error);

    private BookChange End(ImmutableArray<Reservation> ending, ReservationState state)
    {
        if (ending.IsEmpty) return new BookChange(this, []);
        ImmutableArray<Reservation> ended = [.. ending.Select(one => one with { State = state, Held = KiB.Zero, Eta = null })];
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
