using System.CommandLine;
using XenBalloon.Cli.Output;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon explain</c>.</summary>
internal static class ExplainCommand
{
    internal const string Name = "explain";

    internal const string Notes = """
        Examples:
          xenballoon explain web
          xenballoon explain 3
        """;

    internal static Command Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        Command command = DaemonCommand.Create(
            terminal,
            Name,
            "Why one domain has the memory it has, with all the numbers that led there.",
            call => call.WithDomain(domain, static _ => { }, described => ExplainText.Of(described, call.Client.Read())));
        command.Add(domain);
        return command;
    }
}
