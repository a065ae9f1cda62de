using System.CommandLine;

namespace XenBalloon.Cli.Commands;

/// <summary><c>--host</c>, the same for all commands that ask the daemon.</summary>
internal static class HostOption
{
    private const string Name = "--host";

    internal static Option<string?> Create()
    {
        var host = new Option<string?>(Name, "-H") { Description = "Ask the daemon of another host, by ssh.", HelpName = "[USER@]HOST" };
        host.Validators.Add(static result =>
        {
            // It becomes an argument of ssh's: what looks like an option of its is none of a host's names.
            string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (given.Length == 0 || given[0] == '-') result.AddError($"'{given}' is no host, it is a name or an address, with USER@ before it where ssh needs that");
        });
        return host;
    }

    /// <summary>Whether a command line has it. Help asks so too, of commands that do not have it.</summary>
    internal static bool IsGiven(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.OfType<Option<string?>>().Any(option => option.Name == Name && parsed.GetValue(option) is not null);
}
