using System.Text.RegularExpressions;
using System.Xml.Linq;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>
/// Compares org.xenballoon.Balloon1(5) with the shipped descriptions, and runs its examples.
/// </summary>
internal sealed partial class ManualTests : BusctlTests
{
    private static readonly string Manual = File.ReadAllText(
        Path.Combine(TestContext.CurrentContext.TestDirectory, "man", "org.xenballoon.Balloon1.5"));

    private static IEnumerable<TestCaseData<string, string>> Examples =>
        from block in Literal().Matches(Manual)
        from example in Example().Matches(block.Groups[1].Value)
        let command = example.Groups[1].Value
        where !command.StartsWith("busctl monitor", StringComparison.Ordinal)
        select new TestCaseData<string, string>(command, example.Groups[2].Value).SetArgDisplayNames(command);

    [TestCase("Manager")]
    [TestCase("Domain")]
    [TestCase("Reservation")]
    public void Exactly_the_members_of_the_interface_are_documented(string name)
    {
        IEnumerable<string> documented = Items(name)
            .Select(item => item.Groups[1].Value)
            .Where(item => !item.StartsWith("Li ", StringComparison.Ordinal));
        IEnumerable<string> described = ShippedFiles.Interface($"org.xenballoon.Balloon1.{name}").Elements()
            .Where(element => element.Name != "annotation")
            .Select(Heading);

        Assert.That(documented, Is.EquivalentTo(described));
    }

    [Test]
    public void Exactly_the_errors_and_polkit_actions_are_documented()
    {
        Assert.That(
            Item().Matches(Section("ERRORS")).Select(item => item.Groups[1].Value),
            Is.EquivalentTo(ControlErrorTests.OfTheDaemon.Select(error => $"Er {error}")));
        Assert.That(
            Item().Matches(Section("POLKIT")).Select(item => item.Groups[1].Value),
            Is.EquivalentTo(ShippedFiles.PolkitActions.Select(name => $"Li {name}")));
    }

    [Test]
    public void Exactly_the_possible_values_of_a_property_are_documented()
    {
        foreach ((Member member, string[] values) in StringValueTests.All)
        {
            string text = Items(member.Interface)
                .Single(item => item.Groups[1].Value.StartsWith($"Va {member.Name} ", StringComparison.Ordinal))
                .Groups[2].Value;

            Assert.That(
                Value().Matches(text).Select(match => match.Groups[1].Value),
                Is.EquivalentTo(values),
                member.ToString());
        }
    }

    [TestCaseSource(nameof(Examples))]
    public void Example_prints_what_the_page_shows(string command, string output)
    {
        var environment = new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = Bus.Address };
        Command run = Command.Run("sh", ["-c", command], environment);

        Assert.That((run.Status, run.Error), Is.EqualTo((0, "")));
        if (!command.Contains("--json", StringComparison.Ordinal)) Assert.That(run.Output, Is.EqualTo(output));
    }

    /// <summary>The items of an interface's lists: heading and text.</summary>
    private static MatchCollection Items(string name) =>
        Item().Matches(TextFrom($".Ss org.xenballoon.Balloon1.{name}\n"));

    private static string Section(string name) => TextFrom($".Sh {name}\n");

    /// <summary>The text from a heading to the next section.</summary>
    private static string TextFrom(string heading)
    {
        string rest = Manual[Manual.IndexOf(heading, StringComparison.Ordinal)..];
        return rest[..rest.IndexOf("\n.Sh ", StringComparison.Ordinal)];
    }

    /// <summary>The heading of a member's item.</summary>
    private static string Heading(XElement member)
    {
        string name = (string)member.Attribute("name")!;
        if (member.Name == "property") return $"Va {name} Pq {(string)member.Attribute("type")!} , {Changes(member)}";
        IEnumerable<string> arguments =
            from argument in member.Elements("arg")
            let direction = (string?)argument.Attribute("direction") == "out" ? "out " : ""
            select $" \"{direction}{(string)argument.Attribute("type")!} {(string)argument.Attribute("name")!}\"";
        return $"Fn {name}{string.Concat(arguments)}";
    }

    private static string Changes(XElement property) =>
        (string?)property.Element("annotation")?.Attribute("value") switch
        {
            "const" => "constant",
            "false" => "unannounced",
            _ => "announced",
        };

    [GeneratedRegex(@"(?ms)^\.It ([^\n]+)\n(.*?)(?=^\.It |\z)")]
    private static partial Regex Item();

    [GeneratedRegex(@"(?m)^\.Li ([a-z-]+)")]
    private static partial Regex Value();

    [GeneratedRegex(@"(?ms)^\.Bd -literal\n(.*?)^\.Ed")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(?m)^\$ ([^\n]+)\n((?:(?!\$ )[^\n]*\n)*)")]
    private static partial Regex Example();
}
