using System.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>--host</c>, the same for all commands that ask the daemon.</summary>
internal static class HostOption
{
    private const string Name = "--host";

    internal static Option<string?> Create()
    {
        const string Form = "[USER@]HOST";
        var host = new Option<string?>(Name, "-H")
        {
            Description = "Ask the daemon of another host, by ssh.",
            HelpName = Form,
        };
        host.Validators.Add(static result =>
        {
            // It becomes an argument of ssh, which must not take it for an option.
            if (result.Tokens is [{ Value: "" or ['-', ..] } given])
            {
                result.AddError($"invalid host '{given.Value}': expected {Form}");
            }
        });
        return host;
    }

    /// <summary>Whether a command line has it; false for a command without the option.</summary>
    internal static bool IsGiven(ParseResult parsed) => parsed.CommandResult.Command.Options.OfType<Option<string?>>()
        .Any(option => option.Name == Name && parsed.GetValue(option) is not null);
}
