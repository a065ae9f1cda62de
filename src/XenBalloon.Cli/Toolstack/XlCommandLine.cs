using System.Collections.Immutable;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// A command line of xl's, as far as it matters what it starts. Xl takes its own options first (<c>xl -vfNtT</c>), then the name of a command or the beginning
/// of one that no other begins with, then that one's options and arguments.
/// </summary>
/// <param name="Start">What it starts.</param>
/// <param name="Program">Xl and its own options.</param>
/// <param name="Name">The command, as it is written there.</param>
/// <param name="Arguments">What follows it.</param>
internal sealed record XlCommandLine(XlStart Start, ImmutableArray<string> Program, string Name, ImmutableArray<string> Arguments)
{
    /// <summary>Debian's <c>xen</c> is <c>exec xl</c>.</summary>
    private static readonly string[] Programs = ["xl", "xen"];

    /// <summary>The shortest beginning that is no other command's in Xen 4.17; of restore one letter more, which leaves room for another to come.</summary>
    private static readonly (string Name, int Shortest, XlStart Start)[] Commands =
    [
        ("create", 2, XlStart.Create), ("restore", 4, XlStart.Restore), ("migrate-receive", 9, XlStart.MigrateReceive),
    ];

    /// <summary>What stands for nothing where xl wants a file: all is on the command line.</summary>
    internal const string NoFile = "/dev/null";

    /// <summary>Words that are no options.</summary>
    internal ImmutableArray<string> Operands => [.. Arguments.Where(word => !word.StartsWith('-'))];

    /// <summary>
    /// The same <c>create</c>, which only says what it would do; xl creates nothing then and writes the configuration as JSON. A file in the first place is taken
    /// before options are looked at, and in any other place it ends them.
    /// </summary>
    internal ImmutableArray<string> AsDryRun() => Arguments is [var file, ..] && !file.StartsWith('-') && !file.Contains('=', StringComparison.Ordinal)
        ? [.. Program, Name, file, "-n", .. Arguments.Skip(1)]
        : [.. Program, Name, "-n", .. Arguments];

    /// <summary>One that says what would be created by a file.</summary>
    internal ImmutableArray<string> DryRunOf(string file) => [.. Program, "create", "-n", file];

    /// <summary>Reads a command line.</summary>
    /// <returns>Null where it is not xl's.</returns>
    internal static XlCommandLine? Of(IReadOnlyList<string> words)
    {
        if (!Programs.Contains(Path.GetFileName(words[0]))) return null;
        int at = 1;
        while (at < words.Count && words[at].StartsWith('-')) at++;
        string name = at < words.Count ? words[at] : "";
        ImmutableArray<string> program = [.. words.Take(at)], arguments = [.. words.Skip(at + 1)];
        XlStart start = Commands.FirstOrDefault(one => name.Length >= one.Shortest && one.Name.StartsWith(name, StringComparison.Ordinal)).Start;
        bool isDryRun = program.Skip(1).Any(word => HasFlag(word, 'N')) || arguments.Any(word => HasFlag(word, 'n') || HasFlag(word, 'h') || IsLong(word, "--dryrun") || IsLong(word, "--help"));
        return new XlCommandLine(isDryRun ? XlStart.None : start, program, name, arguments);
    }

    /// <summary>Whether a word of options has this one. What follows an f is the name of a file.</summary>
    private static bool HasFlag(string word, char flag)
    {
        if (word.Length < 2 || word[0] != '-' || word[1] == '-') return false;
        int file = word.IndexOf('f', StringComparison.Ordinal), at = word.IndexOf(flag, StringComparison.Ordinal);
        return at > 0 && (file < 0 || at < file);
    }

    /// <summary>Xl takes the beginning of a long option too, where no other begins so: <c>--d</c> may be two.</summary>
    private static bool IsLong(string word, string option) => word.Length > "--d".Length && option.StartsWith(word, StringComparison.Ordinal);
}
