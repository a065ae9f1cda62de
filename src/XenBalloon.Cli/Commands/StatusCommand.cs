using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

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

    private const string Description = "Show the host and the balancer as a whole.";

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, Description, Run);

    private static ExitCode Run(DaemonCall call)
    {
        HostStatus host = call.Client.Read();
        return call.Say(() => Json.Write(host), StatusText.Of(host));
    }
}
