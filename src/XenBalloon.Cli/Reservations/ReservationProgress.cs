using System.Diagnostics;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Reservations;

/// <summary>
/// Writes the progress of a reservation to standard error: a line when something changes, at most every few seconds,
/// and none for a reservation that is ready at once.
/// </summary>
internal sealed class ReservationProgress(Terminal terminal)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private string? lastLine;
    private long writtenAt;

    /// <summary>Writes how the reservation stands while its memory is gathered.</summary>
    internal void Show(ReservationStatus reservation)
    {
        bool isDue = lastLine is null || Stopwatch.GetElapsedTime(writtenAt) >= Interval;
        if (reservation.IsGathering && isDue) Write(reservation);
    }

    /// <summary>Writes the result, if progress was written before.</summary>
    internal void ShowResult(ReservationStatus reservation)
    {
        if (lastLine is not null) Write(reservation);
    }

    private void Write(ReservationStatus reservation)
    {
        string line = ReservationText.Progress(reservation, DateTimeOffset.UtcNow);
        if (line != lastLine) terminal.Error.WriteLine(line);
        (lastLine, writtenAt) = (line, Stopwatch.GetTimestamp());
    }
}
