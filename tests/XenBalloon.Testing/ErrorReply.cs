using System.Text.RegularExpressions;

namespace XenBalloon.Testing;

/// <summary>The error that a call was answered with.</summary>
/// <param name="Name">Its D-Bus name.</param>
/// <param name="Message">Its message.</param>
public sealed partial record ErrorReply(string Name, string Message)
{
    /// <summary>Has busctl tell of each message: it shows an error's name nowhere else.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } =
        new Dictionary<string, string?>
        {
            ["SYSTEMD_LOG_LEVEL"] = "debug",
            ["SYSTEMD_LOG_TARGET"] = "console",
            ["SYSTEMD_LOG_COLOR"] = "0",
        };

    /// <summary>The newest error in what a busctl with this environment wrote.</summary>
    public static ErrorReply Of(Command busctl)
    {
        Match? last = Told().Matches(busctl.Error).LastOrDefault();
        if (busctl.Status == 0 || last is null) Assert.Fail($"no error was the answer, but {busctl}");
        return new ErrorReply(last!.Groups[1].Value, last.Groups[2].Value);
    }

    [GeneratedRegex(@"(?m)^Got message type=error .* error-name=(\S+) error-message=(.*)$")]
    private static partial Regex Told();
}
