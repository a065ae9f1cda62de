using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;
using XenBalloon.Cli.Top;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon top</c>.</summary>
internal static class TopCommand
{
    private const string Description = "Show a live view of the domains' memory.";

    private const string Notes = """
        Keys:
          q, Ctrl-C     quit, with a summary
          h, ?          help on the view

        If standard output is not a terminal, tables are written one after the other, as with --batch.

        Examples:
          xenballoon top
          xenballoon top --seconds 60         watch for a minute, then show a summary
          xenballoon top -b -d 10 -i 6        six tables, ten seconds apart
        """;

    private const double ShortestDelay = 0.1;

    internal static NotedCommand Create(Terminal terminal)
    {
        Option<string?> host = HostOption.Create();
        var delay = new Option<double?>("--delay", "-d")
        {
            Description = "Seconds between updates (2); changes show at once.",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, ShortestDelay),
        };
        var batch = new Option<bool>("--batch", "-b") { Description = "Write tables one after the other." };
        var iterations = new Option<int?>("--iterations", "-i", "-n")
        {
            Description = "Exit after this many updates.",
            HelpName = "N",
            CustomParser = static result => Count(result),
        };
        var seconds = new Option<double?>("--seconds")
        {
            Description = "Exit after this many seconds, with a summary.",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, ShortestDelay),
        };
        var command = new NotedCommand("top", Description, Notes) { host, delay, batch, iterations, seconds };
        command.SetAction(parsed =>
        {
            using BalloonClient daemon = HostOption.Connect(parsed.GetValue(host));
            TopLoop.Run(terminal, daemon, new TopOptions
            {
                Delay = parsed.GetValue(delay) is { } given ? TimeSpan.FromSeconds(given) : TopOptions.DefaultDelay,
                IsDelayGiven = parsed.GetValue(delay) is not null,
                Batch = parsed.GetValue(batch),
                Iterations = parsed.GetValue(iterations),
                Duration = parsed.GetValue(seconds) is { } limit ? TimeSpan.FromSeconds(limit) : null,
            });
            return (int)ExitCode.Ok;
        });
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
