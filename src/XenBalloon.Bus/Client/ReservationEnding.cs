namespace XenBalloon.Bus.Client;

/// <summary>How a reservation ended that did not come to its purpose.</summary>
/// <param name="State"><c>cancelled</c>, <c>expired</c>, <c>owner-left</c>, <c>domain-died</c> or <c>abandoned</c>.</param>
/// <param name="Reason">How it stood, in one line.</param>
public sealed record ReservationEnding(string State, string Reason);
