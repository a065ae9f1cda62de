using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using XenBalloon.Cli.Top;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon top</c>.</summary>
internal static class TopCommand
{
    internal const string Name = "top";

    internal const string Notes = """
        When standard output is not a terminal, tables are written one after the other, as with --batch.

        Examples:
          xenballoon top
          xenballoon top --seconds 60         watch for a minute, then show a summary
          xenballoon top -b -d 10 -i 6        six tables, ten seconds apart
        """;

    private const string Description = "Watch memory move; q or Ctrl-C ends it with a summary.";

    private const double Shortest = 0.1;

    internal static Command Create(Terminal terminal)
    {
        Option<string?> host = HostOption.Create();
        var delay = new Option<double?>("--delay", "-d")
        {
            Description = "Seconds between updates (2); changes show at once.",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, Shortest),
        };
        var batch = new Option<bool>("--batch", "-b") { Description = "Write tables one after the other." };
        var iterations = new Option<int?>("--iterations", "-i", "-n")
        {
            Description = "Exit after this many updates.",
            HelpName = "ITERATIONS",
            CustomParser = result => Count(result),
        };
        var seconds = new Option<double?>("--seconds")
        {
            Description = "Exit after this many seconds, with a summary.",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, Shortest),
        };
        var command = new Command(Name, Description) { host, delay, batch, iterations, seconds };
        command.SetAction(parsed => (int)TopLoop.Run(terminal, new TopOptions
        {
            Host = parsed.GetValue(host),
            Delay = parsed.GetValue(delay) is { } given ? TimeSpan.FromSeconds(given) : TopOptions.UsualDelay,
            IsDelayGiven = parsed.GetValue(delay) is not null,
            Batch = parsed.GetValue(batch),
            Iterations = parsed.GetValue(iterations),
            Duration = parsed.GetValue(seconds) is { } wanted ? TimeSpan.FromSeconds(wanted) : null,
        }));
        return command;
    }

    private static int? Count(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        if (isNumber && count > 0) return count;
        result.AddError($"invalid number of updates '{text}': expected 1 or more");
        return null;
    }
}
