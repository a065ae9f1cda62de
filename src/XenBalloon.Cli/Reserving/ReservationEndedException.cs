namespace XenBalloon.Cli.Reserving;

/// <summary>A reservation ended, and no domain had it; the message says why.</summary>
internal sealed class ReservationEndedException(string message) : Exception(message);
