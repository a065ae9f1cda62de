using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon list</c>.</summary>
internal static class ListCommand
{
    internal const string Name = "list";

    internal const string Notes = """
        Sizes are in MiB, as those of xl list. Min and Max are the range that the balancer may use, Hot is
        what is in active use; the Target of a pinned domain has an asterisk. On a narrow terminal some
        columns are left out; into a pipe or file all are written.

        Examples:
          xenballoon list
          xenballoon list --json | jq '.domains[] | select(.pinned_kib) | .name'
        """;

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, "Every domain with its memory, and why it is so.", static call =>
    {
        HostStatus host = call.Client.Read();
        return call.Say(() => Json.Write(ListJson.Of(host)), DomainTable.Of(host.Domains).Lines(call.Terminal.Width));
    });
}
