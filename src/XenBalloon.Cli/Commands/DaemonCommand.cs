using System.CommandLine;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Commands;

/// <summary>What all commands have in common that ask the daemon once: <c>--host</c>, <c>--json</c> and a connection.</summary>
internal static class DaemonCommand
{
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
