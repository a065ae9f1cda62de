using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.State;

/// <summary>What the daemon keeps in the state file, so that it survives a restart.</summary>
/// <param name="Settings">Settings that administrators made for single domains.</param>
/// <param name="Overrides">Targets that other tools set.</param>
/// <param name="Book">The reservations, on the snapshot clock of the daemon that made them.</param>
/// <param name="ClockStart">The wall-clock time at which that clock was zero.</param>
internal sealed record SavedState(
    ImmutableDictionary<DomainKey, DomainSettings> Settings,
    ImmutableDictionary<DomainIdentity, KiB> Overrides,
    ReservationBook Book,
    DateTimeOffset ClockStart)
{
    /// <summary>Nothing was saved.</summary>
    internal static SavedState Empty { get; } = new(
        ImmutableDictionary<DomainKey, DomainSettings>.Empty,
        ImmutableDictionary<DomainIdentity, KiB>.Empty,
        ReservationBook.Empty,
        DateTimeOffset.UnixEpoch);

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

    /// <summary>Whether the other state has the same content, apart from what each pass computes again.</summary>
    internal bool HasSameContent(SavedState other) =>
        ReferenceEquals(Settings, other.Settings)
        && Overrides.Count == other.Overrides.Count
        && Overrides.All(entry => other.Overrides.TryGetValue(entry.Key, out KiB target) && target == entry.Value)
        && Book.LastId == other.Book.LastId
        && Book.Open.Select(Key).SequenceEqual(other.Book.Open.Select(Key));

    private static (long Id, ReservationState State, bool WasReady, DomainIdentity? Domain) Key(
        Reservation reservation) =>
        (reservation.Id, reservation.State, reservation.ReadyAt is not null, reservation.Claim?.Domain);
}
