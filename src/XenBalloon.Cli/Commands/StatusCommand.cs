using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon status</c>.</summary>
internal static class StatusCommand
{
    internal const string Name = "status";

    internal const string Notes = """
        Examples:
          xenballoon status
          xenballoon status -H root@xen2
        """;

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, "The host and the balancer as a whole.", static call =>
    {
        HostStatus host = call.Client.Read();
        return call.Say(() => Json.Write(StatusJson.Of(host)), StatusText.Of(host));
    });
}
