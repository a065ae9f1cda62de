using System.CommandLine;
using XenBalloon.Cli.Running;
using XenBalloon.CommandLine;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon run</c>.</summary>
internal static class RunCommand
{
    internal const string Name = "run";

    internal const string Notes = """
        For xl create, restore and migrate-receive, the memory that is needed is worked out; other commands
        require --need, and --for with the name of the domain that they start. The exit status is the
        command's, or 125 when it is not run because its memory did not become free in time. When xenballoond
        does not run or its mode is not active, the command is run without a reservation.

        Examples:
          xenballoon run -- xl create /etc/xen/web.cfg
          xenballoon run --timeout 30 -- xl restore /var/lib/xen/save/web
          xenballoon run --need 2g --for web -- virsh start web
        """;

    private const string Description =
        $"Run a command that starts a domain when the memory for it is free. {DaemonCommand.Authorized}";

    private static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(2);

    internal static Command Create(Terminal terminal)
    {
        var need = new Option<KiB?>("--need")
        {
            Description = "How much memory it takes.",
            HelpName = "SIZE",
            CustomParser = SizeParser.Size,
        };
        Option<string?> domain = ForOption.Create("The domain that it starts.");
        var timeout = new Option<double?>("--timeout")
        {
            Description = "Give up when the memory is not free after this many seconds (120).",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, least: 0),
        };
        var command = new Command(Name, Description) { need, domain, timeout };
        Argument<string[]> words = ProgramArgument.AddTo(
            command, "The command and its arguments, after two dashes.", ArgumentArity.OneOrMore);
        command.SetAction(parsed => new StartingRun(terminal, new RunOptions(
            parsed.GetRequiredValue(words),
            parsed.GetValue(need),
            parsed.GetValue(domain),
            parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : UsualTimeout)).Go());
        return command;
    }
}
