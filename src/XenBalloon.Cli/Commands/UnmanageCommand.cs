using System.CommandLine;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon unmanage</c>.</summary>
internal static class UnmanageCommand
{
    internal const string Name = "unmanage";

    internal const string Notes = """
        Examples:
          xenballoon unmanage db
          xenballoon unmanage db --runtime
        """;

    private const string Description = "Leave the memory of a domain alone. For root only.";

    internal static Command Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        Option<bool> runtime = RuntimeOption.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call => call.WithDomain(
            domain, before => call.Client.SetManaged(before.Domid, false, call.Parsed.GetValue(runtime)), SettingLines.Of));
        command.Add(domain);
        command.Add(runtime);
        return command;
    }
}
