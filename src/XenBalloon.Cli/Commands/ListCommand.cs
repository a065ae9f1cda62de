using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon list</c>.</summary>
internal static class ListCommand
{
    internal const string Name = "list";

    internal const string Notes = """
        Sizes are in MiB, like those of xl list. Min and Max are the range that the balancer works within,
        Used is what is in use now, Peak the most within the last 15 to 30 minutes. The Target of a pinned
        domain has an asterisk. On a narrow terminal some columns are left out; a pipe or a file gets all of
        them.

        Examples:
          xenballoon list
          xenballoon list --json | jq '.domains[] | select(.pinned_kib) | .name'
        """;

    private const string Description = "List the domains with their memory and the reason for it.";

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, Description, Run);

    private static ExitCode Run(DaemonCall call)
    {
        HostStatus host = call.Client.Read();
        return call.Say(
            () => Json.Write(new ListJson(host.Domains)), DomainTable.Of(host.Domains).Lines(call.Terminal.Width));
    }
}
