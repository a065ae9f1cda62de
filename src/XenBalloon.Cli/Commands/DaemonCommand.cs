using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary>What all commands that ask the daemon once have: <c>--host</c>, <c>--json</c> and a connection.</summary>
internal static class DaemonCommand
{
    /// <summary>The end of the description of a command that changes something.</summary>
    internal const string Authorized = "Requires root or polkit authorization.";

    internal static Command Create(Terminal terminal, string name, string description, Func<DaemonCall, ExitCode> run)
    {
        Option<string?> host = HostOption.Create();
        Option<bool> json = JsonOption.Create();
        var command = new Command(name, description) { host, json };
        command.SetAction(parsed =>
        {
            using BalloonClient daemon = Daemon.Connect(parsed.GetValue(host));
            return (int)run(new DaemonCall(terminal, parsed, daemon, parsed.GetValue(json)));
        });
        return command;
    }
}
