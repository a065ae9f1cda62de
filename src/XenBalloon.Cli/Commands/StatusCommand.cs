using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon status</c>.</summary>
internal static class StatusCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<bool> json = JsonOption.Create();
        var command = new Command("status", "The host and the balancer as a whole.") { json };
        command.SetAction(parsed => (int)Run(terminal, parsed.GetValue(json)));
        return command;
    }

    private static ExitCode Run(Terminal terminal, bool json)
    {
        using BalloonClient daemon = Daemon.Connect();
        HostStatus host = daemon.Read();
        if (json) LineWriter.Write(terminal, [Json.Write(StatusJson.Of(host))]);
        else LineWriter.Write(terminal, StatusText.Of(host));
        return ExitCode.Ok;
    }
}
