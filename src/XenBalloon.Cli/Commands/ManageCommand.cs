using System.CommandLine;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon manage</c> and <c>xenballoon unmanage</c>: one the other's opposite.</summary>
internal static class ManageCommand
{
    internal const string Name = "manage", Opposite = "unmanage";

    internal static string NotesOf(string name) => $"""
        Examples:
          xenballoon {name} db
          xenballoon {name} db --runtime
        """;

    internal static Command Create(Terminal terminal) => Create(terminal, Name, "Have the balancer move the memory of a domain. For root only.", managed: true);

    internal static Command CreateOpposite(Terminal terminal) => Create(terminal, Opposite, "Leave the memory of a domain alone. For root only.", managed: false);

    private static Command Create(Terminal terminal, string name, string description, bool managed)
    {
        Argument<string> domain = DomainArgument.Create();
        Option<bool> runtime = RuntimeOption.Create();
        Command command = DaemonCommand.Create(terminal, name, description, call => call.WithDomain(
            domain, before => call.Client.SetManaged(before.Domid, managed, call.Parsed.GetValue(runtime)), SettingLines.Of));
        command.Add(domain);
        command.Add(runtime);
        return command;
    }
}
