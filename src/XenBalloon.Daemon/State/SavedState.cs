using System.Collections.Immutable;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.State;

/// <summary>What the daemon keeps in the state file, so that it survives a restart.</summary>
/// <param name="Settings">Settings that administrators made for single domains.</param>
/// <param name="Overrides">Targets that other tools set.</param>
/// <param name="Guests">Guests whose target differs from their boot memory, by UUID.</param>
/// <param name="Book">The reservations, on the snapshot clock of the daemon that made them.</param>
/// <param name="ClockStart">The wall-clock time at which that clock was zero.</param>
internal sealed record SavedState(
    ImmutableDictionary<DomainKey, DomainSettings> Settings,
    ImmutableDictionary<DomainIdentity, KiB> Overrides,
    ImmutableDictionary<Guid, RememberedGuest> Guests,
    ReservationBook Book,
    DateTimeOffset ClockStart)
{
    /// <summary>Nothing was saved.</summary>
    internal static SavedState Empty { get; } = new(
        ImmutableDictionary<DomainKey, DomainSettings>.Empty,
        ImmutableDictionary<DomainIdentity, KiB>.Empty,
        ImmutableDictionary<Guid, RememberedGuest>.Empty,
        ReservationBook.Empty,
        DateTimeOffset.UnixEpoch);

    /// <summary>Caps that other tools set.</summary>
    internal ImmutableDictionary<DomainIdentity, KiB> CapBounds { get; init; } =
        ImmutableDictionary<DomainIdentity, KiB>.Empty;

    /// <summary>The reservations on another clock.</summary>
    /// <param name="clockStart">The wall-clock time at which that clock was zero.</param>
    internal ReservationBook BookOn(DateTimeOffset clockStart)
    {
        TimeSpan shift = ClockStart - clockStart;
        return ReservationBook.Restore(
            Book.Open.Select(reservation => reservation with
            {
                RequestedAt = reservation.RequestedAt + shift,
                Deadline = reservation.Deadline + shift,
                ReadyAt = reservation.ReadyAt + shift,
                ExpiresAt = reservation.ExpiresAt + shift,
                Eta = null,
                Claim = reservation.Claim is { } claim ? claim with { TakenAt = claim.TakenAt + shift } : null,
            }),
            Book.LastId);
    }

    /// <summary>The remembered guests on another clock.</summary>
    /// <param name="clockStart">The wall-clock time at which that clock was zero.</param>
    internal ImmutableDictionary<Guid, RememberedGuest> GuestsOn(DateTimeOffset clockStart)
    {
        TimeSpan shift = ClockStart - clockStart;
        return Guests.Values.ToImmutableDictionary(
            guest => guest.Uuid, guest => guest with { LeftAt = guest.LeftAt + shift });
    }

    /// <summary>Whether the other state has the same content, apart from what each pass computes again.</summary>
    internal bool HasSameContent(SavedState other) =>
        ReferenceEquals(Settings, other.Settings)
        && ReferenceEquals(Guests, other.Guests)
        && HasSameContent(Overrides, other.Overrides)
        && HasSameContent(CapBounds, other.CapBounds)
        && Book.LastId == other.Book.LastId
        && Book.Open.Select(Key).SequenceEqual(other.Book.Open.Select(Key));

    private static bool HasSameContent(
        ImmutableDictionary<DomainIdentity, KiB> one, ImmutableDictionary<DomainIdentity, KiB> other) =>
        one.Count == other.Count
        && one.All(entry => other.TryGetValue(entry.Key, out KiB size) && size == entry.Value);

    private static (long Id, ReservationState State, bool WasReady, DomainIdentity? Domain) Key(
        Reservation reservation) =>
        (reservation.Id, reservation.State, reservation.ReadyAt is not null, reservation.Claim?.Domain);
}
