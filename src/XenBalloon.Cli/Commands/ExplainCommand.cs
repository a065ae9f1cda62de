using System.CommandLine;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

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

    private const string Description = "Show why a domain has the memory it has, with all numbers that led to it.";

    internal static Command Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
            call.WithDomain(domain, static _ => { }, shown => DomainText.Explain(shown, call.Client.Read())));
        command.Add(domain);
        return command;
    }
}
