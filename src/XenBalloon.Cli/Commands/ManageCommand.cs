using System.CommandLine;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon manage</c>.</summary>
internal static class ManageCommand
{
    internal const string Name = "manage";

    internal const string Notes = """
        Examples:
          xenballoon manage db
          xenballoon manage db --runtime
        """;

    private const string Description = "Have the balancer move the memory of a domain. For root only.";

    internal static Command Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        Option<bool> runtime = RuntimeOption.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call => call.WithDomain(
            domain, before => call.Client.SetManaged(before.Domid, true, call.Parsed.GetValue(runtime)), SettingLines.Of));
        command.Add(domain);
        command.Add(runtime);
        return command;
    }
}
