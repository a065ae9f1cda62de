using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;
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

        Examples:
          xenballoon mode
          xenballoon mode paused
        """;

    private const string Description = "Show what is done with the plans, or set it until the daemon is restarted (for root only).";

    internal static Command Create(Terminal terminal)
    {
        var mode = new Argument<BalancerMode?>("MODE")
        {
            Description = "observe, active or paused; without it, the mode is shown.",
            HelpName = "observe|active|paused",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = parsed =>
            {
                if (parsed.Tokens.Count == 0) return null;
                string word = parsed.Tokens[0].Value;
                if (Parse(word) is { } known) return known;
                parsed.AddError($"'{word}' is no mode, it is observe, active or paused");
                return null;
            },
        };
        mode.CompletionSources.Add("observe", "active", "paused");
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            if (call.Parsed.GetValue(mode) is { } wanted) call.Client.SetMode(wanted);
            HostStatus host = call.Client.Read();
            return call.Say(() => Json.Write(StatusJson.Of(host)), [$"mode is {Printable.Of(host.Mode)}"]);
        });
        command.Add(mode);
        return command;
    }

    private static BalancerMode? Parse(string word) => word switch
    {
        "observe" => BalancerMode.Observe,
        "active" => BalancerMode.Active,
        "paused" => BalancerMode.Paused,
        _ => null,
    };
}
