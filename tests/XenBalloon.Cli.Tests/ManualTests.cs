using System.Text.RegularExpressions;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The man page, held against <c>--help</c>.</summary>
internal sealed partial class ManualTests
{
    /// <summary>Told of once, for all commands.</summary>
    private static readonly string[] Common = ["--help", "--host", "--json", "--version"];

    private static string Program => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon");

    private static string Manual { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs/man/xenballoon.1"));

    [Test]
    public void Each_command_has_its_section_and_no_other_has_one()
    {
        string help = Help();
        IEnumerable<string> commands = CommandLine().Matches(help[help.IndexOf("Commands:", StringComparison.Ordinal)..help.IndexOf("Examples:", StringComparison.Ordinal)]).Select(match => match.Groups[1].Value);

        Assert.That(Section().Matches(Manual).Select(match => match.Groups[1].Value), Is.EquivalentTo(commands));
    }

    [Test]
    public void Each_section_has_the_options_of_its_command()
    {
        foreach (Match section in Section().Matches(Manual))
        {
            IEnumerable<string> told = Told().Matches(section.Groups[2].Value).Select(match => "--" + match.Groups[1].Value).Distinct();
            string help = Help(section.Groups[1].Value);
            IEnumerable<string> real = Option().Matches(help[..Math.Max(help.IndexOf("Examples:", StringComparison.Ordinal), 0)]).Select(match => match.Value).Distinct();
            Assert.That(told, Is.EquivalentTo(real.Except(Common)), section.Groups[1].Value);
        }
    }

    [Test]
    public void Each_command_has_examples_in_its_help()
    {
        foreach (Match section in Section().Matches(Manual)) Assert.That(Help(section.Groups[1].Value), Does.Contain("Examples:\n"), section.Groups[1].Value);
    }

    private static string Help(params string[] command) => XenBalloon.Testing.Command.Run(Program, [.. command, "--help"]).Output;

    [GeneratedRegex(@"(?m)^  ([a-z]+) ")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"(?ms)^\.Ss ([a-z]+)$(.*?)(?=^\.S[sh] )")]
    private static partial Regex Section();

    [GeneratedRegex(@"Fl -([a-z]+(?:-[a-z]+)*)")]
    private static partial Regex Told();

    [GeneratedRegex(@"(?m)(?<=^  (?:-\w, )*)--[a-z]+(?:-[a-z]+)*")]
    private static partial Regex Option();
}
