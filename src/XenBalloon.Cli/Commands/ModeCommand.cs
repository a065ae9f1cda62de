using System.CommandLine;
using XenBalloon.Bus.Client;
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
          paused     as observe: balancing is held until it is made active again
        """;

    private const string Description = "Set what is done with the plans, until the daemon is restarted. For root only.";

    internal static Command Create(Terminal terminal)
    {
        var mode = new Argument<BalancerMode>("MODE")
        {
            Description = "observe, active or paused.",
            HelpName = "observe|active|paused",
            CustomParser = parsed =>
            {
                string word = parsed.Tokens[0].Value;
                if (Parse(word) is { } known) return known;
                parsed.AddError($"'{word}' is no mode, it is observe, active or paused");
                return default;
            },
        };
        var command = new Command(Name, Description) { mode };
        command.SetAction(parsed => (int)Run(terminal, parsed.GetValue(mode)));
        return command;
    }

    private static ExitCode Run(Terminal terminal, BalancerMode mode)
    {
        using BalloonClient daemon = Daemon.Connect();
        daemon.SetMode(mode);
        terminal.Output.WriteLine($"mode is {daemon.Read().Mode}");
        return ExitCode.Ok;
    }

    private static BalancerMode? Parse(string word) => word switch
    {
        "observe" => BalancerMode.Observe,
        "active" => BalancerMode.Active,
        "paused" => BalancerMode.Paused,
        _ => null,
    };
}
