using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Cli.Reservations;

/// <summary>
/// A reservation that this process made, from its creation to its end. The daemon releases it when the client leaves
/// the bus, unless it is persistent.
/// </summary>
internal sealed class HeldReservation
{
    /// <summary>The longest time until a stop signal takes effect.</summary>
    private static readonly TimeSpan StopCheckInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The daemon sends the reason just after it has removed a reservation's object: how long that signal may take.
    /// </summary>
    private static readonly TimeSpan SignalDelay = TimeSpan.FromMilliseconds(300);

    private readonly BalloonClient daemon;
    private bool mayBeClaimed;

    private HeldReservation(BalloonClient daemon, long id)
    {
        this.daemon = daemon;
        Id = id;
    }

    /// <summary>The reservation's number.</summary>
    internal long Id { get; }

    /// <summary>Makes a reservation.</summary>
    /// <exception cref="ControlException">
    /// There is not enough memory, the caller is not authorized, or the daemon cannot be reached.
    /// </exception>
    internal static HeldReservation Make(BalloonClient daemon, ReservationRequest request)
    {
        daemon.WaitForChange(TimeSpan.Zero); // starts to listen, so that the signal of a quick end is not missed
        return new HeldReservation(daemon, daemon.Reserve(request));
    }

    /// <summary>Waits until the memory is set aside.</summary>
    /// <param name="progress">Called whenever the daemon publishes a change.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>The ready reservation; null if a domain has taken it already, or the wait was stopped.</returns>
    /// <exception cref="ReservationFailedException">The reservation ended without a domain.</exception>
    /// <exception cref="ControlException">The daemon cannot be reached.</exception>
    internal ReservationStatus? WaitUntilReady(Action<ReservationStatus> progress, CancellationToken stop) =>
        Wait(static status => !status.IsGathering, progress, () => stop.IsCancellationRequested);

    /// <summary>
    /// Waits until a domain has taken the reservation. A small domain may be complete before the next read, so from now
    /// on a reservation that is gone without an error counts as taken.
    /// </summary>
    /// <exception cref="ReservationFailedException">The reservation ended without a domain.</exception>
    /// <exception cref="ControlException">The daemon cannot be reached.</exception>
    internal void WaitUntilClaimed(Func<bool> isStopped)
    {
        mayBeClaimed = true;
        Wait(static status => status.Domid is not null, static _ => { }, isStopped);
    }

    /// <summary>Waits until the reservation has ended.</summary>
    /// <exception cref="ReservationFailedException">The reservation ended without a domain.</exception>
    /// <exception cref="ControlException">The daemon cannot be reached.</exception>
    internal void WaitUntilGone(CancellationToken stop) =>
        Wait(static _ => false, static _ => { }, () => stop.IsCancellationRequested);

    /// <summary>Releases the memory; no effect on a reservation that has ended.</summary>
    /// <exception cref="ControlException">The daemon cannot be reached.</exception>
    internal void Release()
    {
        if (Read() is not null) daemon.Cancel(Id);
    }

    private ReservationStatus? Read() =>
        daemon.Read().Reservations.FirstOrDefault(reservation => reservation.Id == Id);

    private ReservationStatus? Wait(
        Func<ReservationStatus, bool> isDone, Action<ReservationStatus> progress, Func<bool> isStopped)
    {
        while (!isStopped())
        {
            if (Read() is not { } status)
            {
                ThrowIfFailed();
                return null;
            }

            mayBeClaimed |= status.Domid is not null;
            progress(status);
            if (isDone(status)) return status;
            while (!isStopped() && !daemon.WaitForChange(StopCheckInterval)) { }
        }

        return null;
    }

    private void ThrowIfFailed()
    {
        daemon.AwaitSignals();
        while (!daemon.ReservationResults.ContainsKey(Id) && daemon.WaitForChange(SignalDelay)) { }
        if (daemon.ReservationResults.TryGetValue(Id, out ReservationResult? result))
        {
            throw new ReservationFailedException(
                result.IsExpired, $"reservation {Id} has ended ({result.State}): {result.Reason}");
        }

        if (mayBeClaimed) return;
        throw new ReservationFailedException(
            isExpired: false, $"reservation {Id} has ended: see the log of xenballoond (journalctl -u xenballoond)");
    }
}

/// <summary>A reservation ended and no domain got its memory; the message says why.</summary>
internal sealed class ReservationFailedException(bool isExpired, string message) : Exception(message)
{
    /// <summary>Whether the memory did not become free in time.</summary>
    internal bool IsExpired { get; } = isExpired;
}
