using System.Collections.Immutable;

namespace XenBalloon.Cli.Toolstack;

/// <summary>How an xl command starts a domain.</summary>
internal enum XlStart
{
    /// <summary>It does not start a domain.</summary>
    None,

    /// <summary><c>xl create</c>: a new domain.</summary>
    Create,

    /// <summary><c>xl restore</c>: from a file.</summary>
    Restore,

    /// <summary><c>xl migrate-receive</c>: from another host.</summary>
    MigrateReceive,
}

/// <summary>
/// The command line of an xl command: xl's own options (<c>xl -vfNtT</c>), then a command or an unambiguous
/// abbreviation of it, then that command's options and arguments.
/// </summary>
/// <param name="Start">How it starts a domain.</param>
/// <param name="Program">xl and its own options.</param>
/// <param name="Name">The command, as it is typed.</param>
/// <param name="Arguments">The command's options and arguments.</param>
internal sealed record XlCommandLine(
    XlStart Start, ImmutableArray<string> Program, string Name, ImmutableArray<string> Arguments)
{
    /// <summary>A file name that stands for an empty configuration.</summary>
    internal const string NoFile = "/dev/null";

    /// <summary>Debian's <c>xen</c> is <c>exec xl</c>.</summary>
    private static readonly string[] Programs = ["xl", "xen"];

    /// <summary>
    /// The shortest unambiguous abbreviation of each command in Xen 4.17. For restore it is one letter longer, in case
    /// a later xl adds another command that begins with "res".
    /// </summary>
    private static readonly (string Name, int Shortest, XlStart Start)[] Commands =
    [
        ("create", 2, XlStart.Create),
        ("restore", 4, XlStart.Restore),
        ("migrate-receive", 9, XlStart.MigrateReceive),
    ];

    /// <summary>
    /// The commands that send a domain away, with the shortest abbreviation of each and its options that take a value.
    /// </summary>
    private static readonly (string Name, int Shortest, string Valued)[] Sending =
        [("save", 2, ""), ("migrate", 7, "Cs")];

    /// <summary>
    /// The domain that the command saves or sends to another host, as it is typed; null if it does neither.
    /// </summary>
    internal string? SentDomain { get; private init; }

    /// <summary>The arguments that are not options.</summary>
    internal ImmutableArray<string> Operands => [.. Arguments.Where(argument => !argument.StartsWith('-'))];

    /// <summary>Reads a command line.</summary>
    /// <returns>The command line; null if the program is not xl.</returns>
    internal static XlCommandLine? Of(IReadOnlyList<string> command)
    {
        if (!Programs.Contains(Path.GetFileName(command[0]))) return null;
        int at = 1;
        while (at < command.Count && command[at].StartsWith('-')) at++;
        string name = at < command.Count ? command[at] : "";
        ImmutableArray<string> program = [.. command.Take(at)], arguments = [.. command.Skip(at + 1)];
        XlStart start = Commands.FirstOrDefault(known =>
            name.Length >= known.Shortest && known.Name.StartsWith(name, StringComparison.Ordinal)).Start;
        bool createsNothing =
            program.Skip(1).Any(option => HasFlag(option, 'N'))
            || arguments.Any(argument => HasFlag(argument, 'n') || HasFlag(argument, 'h'))
            || arguments.Any(argument => IsLong(argument, "--dryrun") || IsLong(argument, "--help"));
        return new XlCommandLine(createsNothing ? XlStart.None : start, program, name, arguments)
        {
            SentDomain = Sending
                .Where(known =>
                    name.Length >= known.Shortest && known.Name.StartsWith(name, StringComparison.Ordinal))
                .Select(known => FirstOperand(arguments, known.Valued))
                .FirstOrDefault(),
        };
    }

    /// <summary>
    /// The same <c>create</c> as a dry run, which creates nothing and prints the configuration as JSON. xl takes a file
    /// that comes first before it looks at options; a file in any other position ends the options.
    /// </summary>
    internal ImmutableArray<string> AsDryRun() =>
        Arguments is [var file, ..] && !file.StartsWith('-') && !file.Contains('=', StringComparison.Ordinal)
            ? [.. Program, Name, file, "-n", .. Arguments.Skip(1)]
            : [.. Program, Name, "-n", .. Arguments];

    /// <summary>A dry run of <c>create</c> with a configuration file.</summary>
    internal ImmutableArray<string> DryRunOf(string file) => [.. Program, "create", "-n", file];

    /// <summary>The first argument that is neither an option nor the value of one; null without one.</summary>
    private static string? FirstOperand(ImmutableArray<string> arguments, string valued)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (argument == "--") return arguments.ElementAtOrDefault(i + 1);
            if (argument is not ['-', _, ..]) return argument;
            if (argument[1] == '-') continue;

            // The value is the rest of the argument, or else the next one.
            int option = argument.AsSpan().IndexOfAny(valued);
            if (option >= 0 && option == argument.Length - 1) i++;
        }

        return null;
    }

    /// <summary>Whether a group of short options contains one. What follows an f is a file name.</summary>
    private static bool HasFlag(string options, char flag)
    {
        if (options.Length < 2 || options[0] != '-' || options[1] == '-') return false;
        int file = options.IndexOf('f', StringComparison.Ordinal), at = options.IndexOf(flag, StringComparison.Ordinal);
        return at > 0 && (file < 0 || at < file);
    }

    /// <summary>
    /// Whether an argument is a long option or its abbreviation, which xl accepts if it is unambiguous; <c>--d</c> is
    /// not.
    /// </summary>
    private static bool IsLong(string argument, string option) =>
        argument.Length > "--d".Length && option.StartsWith(argument, StringComparison.Ordinal);
}
