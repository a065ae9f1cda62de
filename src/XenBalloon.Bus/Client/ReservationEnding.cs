using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Client;

/// <summary>How a reservation ended that no domain got.</summary>
/// <param name="State">
/// <c>cancelled</c>, <c>expired</c>, <c>owner-left</c>, <c>domain-died</c> or <c>abandoned</c>.
/// </param>
/// <param name="Reason">How it stood, in one line.</param>
public sealed record ReservationEnding(string State, string Reason)
{
    /// <summary>Whether its memory did not become free in time.</summary>
    public bool IsExpired => State == EnumText.Of(ReservationState.Expired);
}
