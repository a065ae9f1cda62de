using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon balance</c>.</summary>
internal static class BalanceCommand
{
    internal const string Name = "balance";

    internal const string Notes = """
        Examples:
          xenballoon balance
        """;

    private const string Description =
        $"Make a balancing pass now instead of at the next interval. {DaemonCommand.Authorized}";

    internal static Command Create(Terminal terminal) => DaemonCommand.Create(terminal, Name, Description, Run);

    private static ExitCode Run(DaemonCall call)
    {
        call.Client.Balance();
        return call.Say(() => Json.Write(call.Client.Read()), ["balancing pass completed"]);
    }
}
