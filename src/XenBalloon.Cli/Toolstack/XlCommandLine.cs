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
        return new XlCommandLine(createsNothing ? XlStart.None : start, program, name, arguments);
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
