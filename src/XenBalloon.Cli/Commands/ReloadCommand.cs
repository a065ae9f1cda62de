using System.CommandLine;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon reload</c>.</summary>
internal static class ReloadCommand
{
    internal const string Name = "reload";

    internal const string Notes = """
        Examples:
          xenballoon reload
        """;

    private const string Description = "Have the daemon read its configuration anew; a bad one leaves the old in force. For root only.";

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, Description, static call =>
    {
        call.Client.Reload();
        return call.Say(() => Json.Write(StatusJson.Of(call.Client.Read())), ["the configuration is read"]);
    });
}
