using System.CommandLine;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon unpin</c>.</summary>
internal static class UnpinCommand
{
    internal const string Name = "unpin";

    internal const string Notes = """
        Examples:
          xenballoon unpin db
        """;

    private const string Description = "Balance a domain again that was pinned, here or by 'xl mem-set'. For root only.";

    internal static Command Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call => call.WithDomain(domain, before => call.Client.Unpin(before.Domid), SettingLines.Of));
        command.Add(domain);
        return command;
    }
}
