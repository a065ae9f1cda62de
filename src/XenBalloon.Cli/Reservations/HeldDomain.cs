using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Reservations;

/// <summary>
/// Runs a program that saves or migrates a domain. xl announces the domain's size before it sends the first page, and
/// the other side allows no more: so the daemon leaves the domain alone from before the program starts until it ends.
/// If the daemon cannot be reached, the program runs without that.
/// </summary>
/// <param name="terminal">For warnings.</param>
/// <param name="domain">The domain, by its name, UUID or domid.</param>
internal sealed class HeldDomain(Terminal terminal, string domain)
{
    /// <summary>Runs a program.</summary>
    /// <param name="launch">Starts the program.</param>
    /// <returns>The program's exit status, or <see cref="ExitCode.Interrupted"/> if it did not start.</returns>
    internal int Run(Func<ChildProgram> launch)
    {
        using var signals = new StopSignals();

        // The hold ends with the connection.
        using BalloonClient? daemon = Hold();
        if (signals.Token.IsCancellationRequested) return (int)ExitCode.Interrupted;
        using ChildProgram child = launch();

        // A signal between the check and the launch reached only this process.
        if (signals.Token.IsCancellationRequested) child.Terminate();
        return child.WaitForExit();
    }

    private BalloonClient? Hold()
    {
        BalloonClient? daemon = null;
        try
        {
            daemon = BalloonClient.Connect();
            daemon.Hold(daemon.FindDomain(domain));
            return daemon;
        }
        catch (ControlException exception)
        {
            daemon?.Dispose();
            terminal.Error.WriteLine(
                $"xenballoon: the domain's memory may change meanwhile: {Printable.Of(exception.Message)}");
            return null;
        }
    }
}
