using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon reload</c>.</summary>
internal static class ReloadCommand
{
    internal const string Name = "reload";

    internal const string Notes = """
        Examples:
          xenballoon reload
        """;

    private const string Description =
        $"Reload the daemon's configuration; when it is invalid, the old one is kept. {DaemonCommand.Authorized}";

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, Description, Run);

    private static ExitCode Run(DaemonCall call)
    {
        call.Client.Reload();
        return call.Say(() => Json.Write(call.Client.Read()), ["configuration reloaded"]);
    }
}
