using System.CommandLine;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon balance</c>.</summary>
internal static class BalanceCommand
{
    internal const string Name = "balance";

    internal const string Notes = """
        Examples:
          xenballoon balance
        """;

    private const string Description = "Have the daemon take a step now, instead of at its next interval. For root only.";

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, Description, static call =>
    {
        call.Client.Balance();
        return call.Say(() => Json.Write(StatusJson.Of(call.Client.Read())), ["a step is taken"]);
    });
}
