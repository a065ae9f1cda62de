using System.Collections.Immutable;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.State;

/// <summary>What a daemon must know of the one before it.</summary>
/// <param name="Settings">What operators said of single domains, for good.</param>
/// <param name="Overrides">Targets that others wrote.</param>
/// <param name="Domains">The domains, whose names are written for people who read the file.</param>
/// <param name="Book">Memory that is promised to domains yet to come, on the clock of the daemon that promised it.</param>
/// <param name="ClockStart">When that clock was at zero, on the wall clock.</param>
internal sealed record RememberedState(
    ImmutableDictionary<Guid, DomainSettings> Settings,
    ImmutableDictionary<DomainIdentity, KiB> Overrides,
    ImmutableArray<DomainDecision> Domains,
    ReservationBook Book,
    DateTimeOffset ClockStart)
{
    /// <summary>Nothing is known.</summary>
    internal static RememberedState Nothing { get; } = new(
        ImmutableDictionary<Guid, DomainSettings>.Empty,
        ImmutableDictionary<DomainIdentity, KiB>.Empty,
        [],
        ReservationBook.Empty,
        DateTimeOffset.UnixEpoch);

    /// <summary>The book on another clock.</summary>
    /// <param name="clockStart">When that clock was at zero, on the wall clock.</param>
    internal ReservationBook BookOn(DateTimeOffset clockStart)
    {
        TimeSpan shift = ClockStart - clockStart;
        return ReservationBook.Restore(
            Book.Open.Select(one => one with
            {
                RequestedAt = one.RequestedAt + shift,
                Deadline = one.Deadline + shift,
                ReadyAt = one.ReadyAt + shift,
                Eta = null,

                // Its toolstack had no chance to be seen at work while nobody looked.
                Claim = one.Claim is { } claim ? claim with { TakenAt = claim.TakenAt + shift } : null,
            }),
            Book.LastId);
    }

    /// <summary>Whether it says the same, but for what is found out anew with each step.</summary>
    internal bool IsAsGoodAs(RememberedState other) =>
        ReferenceEquals(Settings, other.Settings)
        && Overrides.Count == other.Overrides.Count
        && Overrides.All(one => other.Overrides.TryGetValue(one.Key, out KiB target) && target == one.Value)
        && Book.LastId == other.Book.LastId
        && Book.Open.Select(Key).SequenceEqual(other.Book.Open.Select(Key));

    private static (long Id, ReservationState State, bool WasReady, DomainIdentity? Domain) Key(Reservation one) =>
        (one.Id, one.State, one.ReadyAt is not null, one.Claim?.Domain);
}
