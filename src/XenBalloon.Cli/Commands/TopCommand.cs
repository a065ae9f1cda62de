using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using XenBalloon.Cli.Top;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon top</c>.</summary>
internal static class TopCommand
{
    internal const string Name = "top";

    internal const string Notes = """
        Where standard output is no terminal, tables are written one after the other, as with --batch.

        Examples:
          xenballoon top
          xenballoon top --seconds 60         watch for a minute, then sum up what has moved
          xenballoon top -b -d 10 -i 6        six tables, ten seconds apart
        """;

    private const string Description = "Watch memory move. Leave with q or Ctrl-C; what has moved is summed up then.";

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
            Description = "Leave after so many updates.",
            HelpName = "ITERATIONS",
            CustomParser = result => Count(result),
        };
        var seconds = new Option<double?>("--seconds")
        {
            Description = "Leave after so many seconds, and sum up what has moved.",
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
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0) return count;
        result.AddError($"'{text}' is no number of updates, it is 1 or more");
        return null;
    }
}
