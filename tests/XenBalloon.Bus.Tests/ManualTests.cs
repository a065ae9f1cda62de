using System.Text.RegularExpressions;
using System.Xml.Linq;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>org.xenballoon.Balloon1(5), held against the shipped descriptions and, with its examples, against the bus.</summary>
internal sealed partial class ManualTests : BusctlTests
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "man", "org.xenballoon.Balloon1.5"));

    private static IEnumerable<TestCaseData<string, string>> Examples =>
        from block in Literal().Matches(Manual)
        from example in Example().Matches(block.Groups[1].Value)
        where !example.Groups[1].Value.StartsWith("busctl monitor", StringComparison.Ordinal)
        select new TestCaseData<string, string>(example.Groups[1].Value, example.Groups[2].Value).SetArgDisplayNames(example.Groups[1].Value);

    [TestCase("Manager")]
    [TestCase("Domain")]
    [TestCase("Reservation")]
    public void Each_member_is_told_of_with_its_types_and_none_is_invented(string name) =>
        Assert.That(ToldOf(name), Is.EquivalentTo(ShippedFiles.Interface($"org.xenballoon.Balloon1.{name}").Elements().Where(one => one.Name != "annotation").Select(Describe)));

    [Test]
    public void Each_error_and_each_polkit_action_is_told_of_and_none_is_invented()
    {
        Assert.That(Item().Matches(Part("ERRORS")).Select(item => item.Groups[1].Value), Is.EquivalentTo(ControlErrorTests.OfTheDaemon.Select(error => $"Er {error}")));
        Assert.That(
            Item().Matches(Part("POLKIT")).Select(item => item.Groups[1].Value),
            Is.EquivalentTo(new[] { BusNames.SetHostAction, BusNames.SetDomainAction, BusNames.ReserveAction }.Select(name => $"Li {name}")));
    }

    [Test]
    public void Each_word_that_a_property_can_be_is_told_of_with_it()
    {
        foreach ((Member member, string[] words) in WordTests.All)
        {
            string told = Items(member.Interface).Single(item => item.Groups[1].Value.StartsWith($"Va {member.Name} ", StringComparison.Ordinal)).Groups[2].Value;
            foreach (string word in words) Assert.That(told, Does.Match($@"(?m)^\.Li {word}\b"), member.ToString());
        }
    }

    [TestCaseSource(nameof(Examples))]
    public void An_example_does_what_it_says(string command, string shown)
    {
        Command run = Command.Run("sh", ["-c", command], new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = Bus.Address });

        Assert.That((run.Status, run.Error), Is.EqualTo((0, "")));
        if (!command.Contains("--json", StringComparison.Ordinal)) Assert.That(run.Output, Is.EqualTo(shown));
    }

    private static IEnumerable<string> ToldOf(string name) => Items(name).Select(item => item.Groups[1].Value).Where(item => !item.StartsWith("Li ", StringComparison.Ordinal));

    private static MatchCollection Items(string name)
    {
        string from = Manual[Manual.IndexOf($".Ss org.xenballoon.Balloon1.{name}\n", StringComparison.Ordinal)..];
        return Item().Matches(from[..from.IndexOf("\n.Sh ", StringComparison.Ordinal)]);
    }

    private static string Part(string name)
    {
        string from = Manual[Manual.IndexOf($".Sh {name}\n", StringComparison.Ordinal)..];
        return from[..from.IndexOf("\n.Sh ", StringComparison.Ordinal)];
    }

    /// <summary>How the page writes a member that is described so.</summary>
    private static string Describe(XElement member)
    {
        string name = (string)member.Attribute("name")!;
        if (member.Name == "property") return $"Va {name} Pq {(string)member.Attribute("type")!} , {Changes(member)}";
        return $"Fn {name}{string.Concat(member.Elements("arg").Select(one => $" \"{((string?)one.Attribute("direction") == "out" ? "out " : "")}{(string)one.Attribute("type")!} {(string)one.Attribute("name")!}\""))}";
    }

    private static string Changes(XElement property) => (string?)property.Element("annotation")?.Attribute("value") switch
    {
        "const" => "constant",
        "false" => "unannounced",
        _ => "announced",
    };

    [GeneratedRegex(@"(?ms)^\.It ([^\n]+)\n(.*?)(?=^\.It |\z)")]
    private static partial Regex Item();

    [GeneratedRegex(@"(?ms)^\.Bd -literal\n(.*?)^\.Ed")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(?m)^\$ ([^\n]+)\n((?:(?!\$ )[^\n]*\n)*)")]
    private static partial Regex Example();
}
