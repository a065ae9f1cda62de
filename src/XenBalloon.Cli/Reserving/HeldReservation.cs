using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Cli.Reserving;

/// <summary>
/// A reservation of ours from its making to its end, for whoever needs memory set aside: make it, wait until it is ready, hold it, release it.
/// The bus releases it too when the client ends, unless it is persistent.
/// </summary>
internal sealed class HeldReservation
{
    /// <summary>How soon a signal to stop is noticed.</summary>
    private static readonly TimeSpan Attention = TimeSpan.FromMilliseconds(100);

    /// <summary>A reservation's object goes just after the signal that says why: how long that may take to arrive.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(300);

    private readonly BalloonClient daemon;
    private bool mayBeClaimed;

    private HeldReservation(BalloonClient daemon, long id)
    {
        this.daemon = daemon;
        Id = id;
    }

    /// <summary>Its number.</summary>
    internal long Id { get; }

    /// <summary>Has it made.</summary>
    /// <exception cref="ControlException">There is not enough memory, the caller is not allowed to, or the daemon cannot be asked.</exception>
    internal static HeldReservation Make(BalloonClient daemon, ReservationRequest request)
    {
        daemon.WaitForChange(TimeSpan.Zero); // begins to listen: its end must not pass unheard
        return new HeldReservation(daemon, daemon.Reserve(request));
    }

    /// <summary>Waits until its memory is set aside.</summary>
    /// <param name="progress">Told how it stands, whenever the daemon shows something new.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>It, as it is then; null where it was given to a domain already, or the wait was stopped.</returns>
    /// <exception cref="ReservationEndedException">It ended without a domain.</exception>
    /// <exception cref="ControlException">The daemon cannot be asked.</exception>
    internal ReservationStatus? WaitUntilReady(Action<ReservationStatus> progress, CancellationToken stop) =>
        Wait(static now => !now.IsGathering, progress, () => stop.IsCancellationRequested);

    /// <summary>Waits until it belongs to a domain, now that one is being built for it; a small one may be finished between two looks.</summary>
    /// <exception cref="ReservationEndedException">It ended without a domain.</exception>
    /// <exception cref="ControlException">The daemon cannot be asked.</exception>
    internal void WaitUntilClaimed(Func<bool> isStopped)
    {
        mayBeClaimed = true;
        Wait(static now => now.Domid is not null, static _ => { }, isStopped);
    }

    /// <summary>Waits until it has ended.</summary>
    /// <exception cref="ReservationEndedException">It ended without a domain.</exception>
    /// <exception cref="ControlException">The daemon cannot be asked.</exception>
    internal void WaitUntilGone(CancellationToken stop) => Wait(static _ => false, static _ => { }, () => stop.IsCancellationRequested);

    /// <summary>Makes its memory everyone's again; one that has ended by itself stays so.</summary>
    /// <exception cref="ControlException">The daemon cannot be asked.</exception>
    internal void Release()
    {
        if (Now() is not null) daemon.Cancel(Id);
    }

    private ReservationStatus? Now() => daemon.Read().Reservations.FirstOrDefault(one => one.Id == Id);

    private ReservationStatus? Wait(Func<ReservationStatus, bool> isOver, Action<ReservationStatus> progress, Func<bool> isStopped)
    {
        while (!isStopped())
        {
            if (Now() is not { } now)
            {
                ThrowIfFailed();
                return null;
            }

            mayBeClaimed |= now.Domid is not null;
            progress(now);
            if (isOver(now)) return now;
            while (!isStopped() && !daemon.WaitForChange(Attention)) { }
        }

        return null;
    }

    private void ThrowIfFailed()
    {
        while (!daemon.ReservationResults.ContainsKey(Id) && daemon.WaitForChange(Drain)) { }
        if (daemon.ReservationResults.TryGetValue(Id, out ReservationResult? ending))
        {
            throw new ReservationEndedException(ending.IsExpired, $"reservation {Id} has ended ({ending.State}): {ending.Reason}");
        }

        if (mayBeClaimed) return;
        throw new ReservationEndedException(
            isExpired: false, $"reservation {Id} has ended: see the log of xenballoond (journalctl -u xenballoond)");
    }
}
