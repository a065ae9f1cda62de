namespace XenBalloon.Cli.Reserving;

/// <summary>A reservation ended, and no domain had it; the message says why.</summary>
internal sealed class ReservationEndedException(bool isExpired, string message) : Exception(message)
{
    /// <summary>Whether its memory did not become free in time.</summary>
    internal bool IsExpired { get; } = isExpired;
}
