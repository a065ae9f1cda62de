using System.Text.RegularExpressions;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The man page has the same commands and options as <c>--help</c>.</summary>
internal sealed partial class ManualTests
{
    /// <summary>Options that are described once, for all commands.</summary>
    private static readonly string[] Common = ["--help", "--host", "--json", "--version"];

    private static string Program => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon");

    private static string Manual { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs/man/xenballoon.1"));

    [Test]
    public void Man_page_has_a_section_for_exactly_each_command()
    {
        string help = Help();
        string list = help[help.IndexOf("Commands:", StringComparison.Ordinal)..StartOfExamples(help)];
        IEnumerable<string> commands = CommandLine().Matches(list).Select(match => match.Groups[1].Value);

        Assert.That(Section().Matches(Manual).Select(match => match.Groups[1].Value), Is.EquivalentTo(commands));
    }

    [Test]
    public void Each_section_has_exactly_the_options_of_its_command()
    {
        foreach (Match section in Section().Matches(Manual))
        {
            string command = section.Groups[1].Value, help = Help(command);
            IEnumerable<string> described =
                Described().Matches(section.Groups[2].Value).Select(match => "--" + match.Groups[1].Value).Distinct();
            IEnumerable<string> real =
                Option().Matches(help[..StartOfExamples(help)]).Select(match => match.Value).Distinct();
            Assert.That(described.Except(["--help"]), Is.EquivalentTo(real.Except(Common)), command);
        }
    }

    [Test]
    public void Each_command_has_examples_in_its_help()
    {
        foreach (string command in Section().Matches(Manual).Select(match => match.Groups[1].Value))
        {
            Assert.That(Help(command), Does.Contain("Examples:\n"), command);
        }
    }

    [Test]
    public void Man_page_and_help_of_list_have_exactly_the_kinds_of_reasons()
    {
        string help = Help("list");
        string reasons = Manual[Manual.IndexOf(".Sh REASONS\n", StringComparison.Ordinal)..];
        IEnumerable<string> described = KindInManual().Matches(reasons).Select(match => match.Groups[1].Value);
        string kinds = help[help.IndexOf("REASONS, defines each:", StringComparison.Ordinal)..StartOfExamples(help)];
        IEnumerable<string> listed =
            KindLine().Matches(kinds).SelectMany(match => match.Groups[1].Value.Split(", "));

        Assert.That(described, Is.EquivalentTo(EnumText.All<ReasonKind>()));
        Assert.That(listed, Is.EquivalentTo(EnumText.All<ReasonKind>()));
    }

    private static string Help(params string[] command) =>
        XenBalloon.Testing.Command.Run(Program, [.. command, "--help"]).Output;

    private static int StartOfExamples(string help) => help.IndexOf("Examples:", StringComparison.Ordinal);

    [GeneratedRegex(@"(?m)^\.It Li ([a-z-]+)$")]
    private static partial Regex KindInManual();

    [GeneratedRegex(@"(?m)^  ([a-z-]+(?:, [a-z-]+)*)  ")]
    private static partial Regex KindLine();

    [GeneratedRegex(@"(?m)^  ([a-z]+) ")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"(?ms)^\.Ss ([a-z]+)$(.*?)(?=^\.S[sh] )")]
    private static partial Regex Section();

    [GeneratedRegex(@"Fl -([a-z]+(?:-[a-z]+)*)")]
    private static partial Regex Described();

    [GeneratedRegex(@"(?m)(?<=^  (?:-\w, )*)--[a-z]+(?:-[a-z]+)*")]
    private static partial Regex Option();
}
