using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Cli.Reservations;

/// <summary>The memory that a command needs for the domain that it starts.</summary>
/// <param name="Need">How much memory must be free.</param>
/// <param name="For">The name or UUID of the domain; empty if unknown.</param>
/// <param name="IsIncoming">Whether the domain migrates from a host where it still runs, possibly this one.</param>
internal sealed record StartNeed(KiB Need, string For, bool IsIncoming = false);

/// <summary>
/// Sets memory aside, runs a program that needs it, and holds the memory until the new domain has it. If no domain
/// takes it, the daemon releases it when this process leaves the bus. If the daemon cannot be reached, the program runs
/// without a reservation.
/// </summary>
internal sealed class ReservedProgram(Terminal terminal)
{
    /// <summary>Sets memory aside and runs a program.</summary>
    /// <param name="start">The memory that the program needs.</param>
    /// <param name="timeout">How long to wait until that memory is free.</param>
    /// <param name="launch">Starts the program.</param>
    /// <returns>The program's exit status, or <see cref="ExitCode.Interrupted"/> if it did not start.</returns>
    /// <exception cref="CommandNotRunException">The memory did not become free.</exception>
    internal int Run(StartNeed start, TimeSpan timeout, Func<ChildProgram> launch)
    {
        using var signals = new StopSignals();
        ChildProgram? child = null;
        try
        {
            using (BalloonClient? daemon = Connect())
            {
                HeldReservation? held = daemon is null ? null : Reserve(daemon, start, timeout, signals.Token);
                if (signals.Token.IsCancellationRequested) return (int)ExitCode.Interrupted;
                child = launch();

                // A signal between the check and the launch reached only this process.
                if (signals.Token.IsCancellationRequested) child.Terminate();
                if (held is not null) HoldFor(child, held);
            }

            return child.WaitForExit();
        }
        finally
        {
            child?.Dispose();
        }
    }

    /// <summary>Says that the command runs without a reservation.</summary>
    internal static void WarnUnreserved(Terminal terminal, string reason) =>
        terminal.Error.WriteLine($"xenballoon: no memory is set aside: {Printable.Of(reason)}");

    private BalloonClient? Connect()
    {
        try
        {
            return BalloonClient.Connect();
        }
        catch (ControlException exception)
        {
            WarnUnreserved(exception.Message);
            return null;
        }
    }

    private HeldReservation? Reserve(BalloonClient daemon, StartNeed start, TimeSpan timeout, CancellationToken stop)
    {
        bool isActive = false;
        try
        {
            HostStatus host = daemon.Read();
            isActive = host.IsActive;
            bool isKnown = start.For.Length > 0 && host.Domains.Any(domain => domain.Name == start.For);
            if (isKnown && !start.IsIncoming)
            {
                WarnUnreserved($"domain '{start.For}' exists already");
                return null;
            }

            // In other modes no memory is freed, so waiting is useless.
            TimeSpan limit = isActive ? timeout : TimeSpan.Zero;
            var progress = new ReservationProgress(terminal);
            var request = new ReservationRequest(start.Need, start.Need, Within: limit, For: start.For);
            HeldReservation held = HeldReservation.Make(daemon, request);
            if (held.WaitUntilReady(progress.Show, stop) is { } ready) progress.ShowResult(ready);
            return held;
        }
        catch (ControlException exception) when (!IsShortage(exception.Error))
        {
            WarnUnreserved(exception.Message);
            return null;
        }
        catch (ControlException exception) when (!isActive)
        {
            WarnUnreserved($"{exception.Message}; xenballoond frees memory only in mode active");
            return null;
        }
        catch (Exception exception) when (exception is ControlException or ReservationFailedException)
        {
            throw new CommandNotRunException($"the command is not run: {exception.Message}", exception);
        }
    }

    private void HoldFor(ChildProgram child, HeldReservation held)
    {
        try
        {
            held.WaitUntilClaimed(() => child.HasExited);
        }
        catch (Exception exception) when (exception is ControlException or ReservationFailedException)
        {
            WarnUnreserved(exception.Message);
        }
    }

    private void WarnUnreserved(string reason) => WarnUnreserved(terminal, reason);

    private static bool IsShortage(ControlError error) =>
        error is ControlError.NotEnoughMemory or ControlError.DomainsRefused;
}

/// <summary>A command is not run because its memory did not become free; the message says why.</summary>
internal sealed class CommandNotRunException(string message, Exception inner) : Exception(message, inner);
