using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon mode</c>.</summary>
internal static class ModeCommand
{
    internal const string Name = "mode";

    internal const string Notes = """
        Modes:
          observe    everything is computed and shown, nothing is changed
          active     memory is moved
          paused     as observe, until the mode is made active again

        Examples:
          xenballoon mode
          xenballoon mode paused
        """;

    private const string Description =
        "Show the mode, or set it until the daemon ends (requires root or polkit authorization).";

    internal static Command Create(Terminal terminal)
    {
        Argument<BalancerMode?> mode = WordArgument.Create<BalancerMode>("MODE");
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            if (call.Parsed.GetValue(mode) is { } wanted) call.Client.SetMode(wanted);
            HostStatus host = call.Client.Read();
            return call.Say(() => Json.Write(host), [$"mode is {Printable.Of(host.Mode)}"]);
        });
        command.Add(mode);
        return command;
    }
}
