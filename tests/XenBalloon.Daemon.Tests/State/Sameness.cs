using System.Collections.Immutable;
using XenBalloon.Core.Reservations;
using XenBalloon.Daemon.State;

namespace XenBalloon.Daemon.Tests.State;

/// <summary>Whether two states say the same, whatever clock they are on.</summary>
internal static class Sameness
{
    /// <summary>What a state says, in a form that can be compared; what each step finds out anew is left out.</summary>
    internal static IEnumerable<object> Told(RememberedState state) =>
    [
        .. state.Settings.OrderBy(one => one.Key).Cast<object>(),
        .. state.Overrides.OrderBy(one => one.Key.Domid).ThenBy(one => one.Key.Uuid).Cast<object>(),
        state.Book.LastId,
        .. state.BookOn(DateTimeOffset.UnixEpoch).Open.Select(Lasting),
    ];

    private static Reservation Lasting(Reservation one) => one with
    {
        State = one.Claim is null ? ReservationState.Gathering : ReservationState.Claimed,
        Held = default,
        Donations = ImmutableArray<Donation>.Empty,
        IsOutOfReach = false,
    };
}
