using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Reserving;
using XenBalloon.CommandLine;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Cli.Running;

/// <summary>
/// Sets memory aside, runs what needs it, and holds what was set aside until the new domain has it. Where it does not come to that, the daemon makes it
/// everyone's again as soon as we leave the bus. A daemon that cannot be asked stands in nobody's way: things are then as if there were none.
/// </summary>
internal sealed class ReservedRun(Terminal terminal)
{
    /// <summary>Sets memory aside and runs something.</summary>
    /// <param name="start">What it needs.</param>
    /// <param name="within">In which time that must be free.</param>
    /// <param name="launch">Runs it.</param>
    /// <returns>Its exit status.</returns>
    /// <exception cref="ChildProgramException">It cannot be run, or there is no memory for it.</exception>
    internal int Go(PlannedStart start, TimeSpan within, Func<ChildProgram> launch)
    {
        using var signals = new StopSignals();
        ChildProgram? child = null;
        try
        {
            using (BalloonClient? daemon = Connect())
            {
                HeldReservation? held = daemon is null ? null : Reserve(daemon, start, within, signals.Token);
                if (signals.Token.IsCancellationRequested) return (int)ExitCode.Interrupted;
                child = launch();
                if (signals.Token.IsCancellationRequested) child.Terminate(); // which came too early for it to be handed on
                if (held is not null) HoldFor(child, held);
            }

            return child.Status();
        }
        finally
        {
            child?.Dispose();
        }
    }

    private BalloonClient? Connect()
    {
        try
        {
            return Daemon.Connect(host: null);
        }
        catch (ControlException exception)
        {
            GoWithout(exception.Message);
            return null;
        }
    }

    private HeldReservation? Reserve(BalloonClient daemon, PlannedStart start, TimeSpan within, CancellationToken stop)
    {
        bool frees = false;
        try
        {
            HostStatus host = daemon.Read();
            frees = host.IsActive;
            if (!start.IsIncoming && start.For.Length > 0 && host.Domains.Any(domain => domain.Name == start.For))
            {
                GoWithout($"domain '{start.For}' exists already");
                return null;
            }

            var progress = new ReservationProgress(terminal);
            var request = new ReservationRequest(start.Need, start.Need, Within: frees ? within : TimeSpan.Zero, For: start.For);
            HeldReservation held = HeldReservation.Make(daemon, request);
            if (held.WaitUntilReady(progress.Show, stop) is { } ready) progress.End(ready);
            return held;
        }
        catch (ControlException exception) when (!IsShortage(exception.Error))
        {
            GoWithout(exception.Message);
            return null;
        }
        catch (ControlException exception) when (!frees)
        {
            GoWithout($"{exception.Message}; xenballoond frees memory only in mode active");
            return null;
        }
        catch (Exception exception) when (exception is ControlException or ReservationEndedException)
        {
            throw new ChildProgramException(ExitCode.NotRun, $"the command is not run: {exception.Message}", exception);
        }
    }

    private void HoldFor(ChildProgram child, HeldReservation held)
    {
        try
        {
            held.WaitUntilClaimed(() => child.HasEnded);
        }
        catch (Exception exception) when (exception is ControlException or ReservationEndedException)
        {
            GoWithout(exception.Message);
        }
    }

    private void GoWithout(string why) => Without.Say(terminal, why);

    private static bool IsShortage(ControlError error) =>
        error is ControlError.NotEnoughMemory or ControlError.DomainsRefused;
}
