using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Holds the tables of cases against the shipped descriptions, so that no member is forgotten.</summary>
internal sealed partial class CoverageTests
{
    private static readonly string[] Interfaces = ["Manager", "Domain", "Reservation"];

    [Test]
    public void Each_member_that_is_described_has_a_case_and_no_other_has_one()
    {
        IEnumerable<Member> described =
            from name in Interfaces
            from element in ShippedFiles.Interface($"org.xenballoon.Balloon1.{name}").Elements()
            where element.Name != "annotation"
            select new Member(name, element.Name.LocalName, (string)element.Attribute("name")!);
        Member[] covered =
        [
            .. MethodTable.All.Select(one => one.Member),
            .. PropertyTable.All.Select(one => one.Member),
            .. SignalTable.All.Select(one => one.Member),
        ];

        Assert.That(covered.Distinct(), Is.EquivalentTo(described));
    }

    [Test]
    public void Each_interface_has_its_description() => Assert.That(
        Directory.GetFiles(Path.GetDirectoryName(ShippedFiles.PathOf("x"))!, "*.xml").Select(Path.GetFileName),
        Is.EquivalentTo(Interfaces.Select(name => $"org.xenballoon.Balloon1.{name}.xml")));

    [Test]
    public void Each_error_that_a_refusal_can_be_is_described()
    {
        var manager = XDocument.Load(ShippedFiles.PathOf("org.xenballoon.Balloon1.Manager.xml"));
        string described = string.Concat(manager.Nodes().OfType<XComment>().Select(comment => comment.Value));
        string list = ErrorList().Match(described).Groups[1].Value;
        string[] names = list.Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

        Assert.That(names, Is.EquivalentTo(ControlErrorTests.OfTheDaemon.Select(error => error.ToString())));
    }

    [GeneratedRegex(@"Balloon1\.Error\.\s+([A-Za-z,\s]+)\.")]
    private static partial Regex ErrorList();
}

/// <summary>
/// The words that stand for values, held against the shipped descriptions: each one that can be shown is described.
/// </summary>
internal sealed class WordTests
{
    internal static IReadOnlyList<(Member Member, string[] Words)> All { get; } =
    [
        (new Member("Manager", "property", "Mode"), Of<BalancerMode>(Words.Of)),
        (new Member("Manager", "property", "Policy"), Of<PolicyKind>(Words.Of)),
        (new Member("Manager", "property", "Pressure"), Of<HostPressure>(Words.Of)),
        (new Member("Manager", "property", "Alarm"), Of<HostAlarm>(Words.Of)),
        (new Member("Domain", "property", "State"), Of<DomainLifecycle>(Words.Of)),
        (new Member("Domain", "property", "Health"), Of<BalloonHealth>(Words.Of)),
        (new Member("Domain", "property", "ReportSource"), ["none", .. Of<ReportSource>(source => Words.Of(source))]),
        (
            new Member("Domain", "property", "ReportVerdict"),
            ["none", .. Of<ReportVerdict>(verdict => Words.Of(verdict))]),
        (new Member("Reservation", "property", "State"), Of<ReservationState>(Words.Of)),
    ];

    private static IEnumerable<TestCaseData<Member, string[]>> Cases =>
        from one in All
        let data = new TestCaseData<Member, string[]>(one.Member, one.Words)
        select data.SetArgDisplayNames(one.Member.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Each_word_is_described(Member member, string[] words)
    {
        XElement described = ShippedFiles.Interface($"org.xenballoon.Balloon1.{member.Interface}")
            .Elements("property")
            .Single(one => (string?)one.Attribute("name") == member.Name);
        string comment = ((XComment)described.NodesBeforeSelf().Last(node => node is not XText)).Value;

        foreach (string word in words) Assert.That(comment, Does.Contain($"\"{word}\""));
    }

    private static string[] Of<T>(Func<T, string> word)
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(word)];
}

internal sealed class IntrospectionTests : BusctlTests
{
    [TestCase(ManagerInterface, Root)]
    [TestCase(DomainInterface, Root + "/domain/3")]
    [TestCase(ReservationInterface, Root + "/reservation/4")]
    public void The_shipped_description_is_what_the_object_says_of_itself(string interfaceName, string path)
    {
        Server.Publish(Canned.Host with { Reservations = [Canned.Reservation(4)] });
        XElement shipped = Interface(XDocument.Load(ShippedFiles.PathOf(interfaceName + ".xml")), interfaceName);
        string live = Busctl("--json=short", "call", Service, path, "org.freedesktop.DBus.Introspectable", "Introspect").Output;
        XElement actual = Interface(XDocument.Parse(JsonDocument.Parse(live).RootElement.GetProperty("data")[0].GetString()!), interfaceName);

        Assert.That(Describe(actual), Is.EqualTo(Describe(shipped)));
    }

    [Test]
    public void Busctl_introspects_the_manager()
    {
        string shown = Busctl("introspect", Service, Root).Output;

        Assert.That(shown, Does.Match(@"\.SetMode +method +s +-").And.Match(@"\.HostFree +property +t +716800 +emits-change"));
    }

    private static XElement Interface(XDocument description, string name) =>
        description.Root!.Elements("interface").Single(element => (string?)element.Attribute("name") == name);

    /// <summary>One line for each member, without comments and in one order.</summary>
    private static List<string> Describe(XElement described) =>
        [.. described.Elements().Where(member => member.Name != "annotation").Select(member => $"{Line(member)} {string.Join(' ', member.Elements().Select(Line))}").Order()];

    private static string Line(XElement element) =>
        $"<{element.Name} {string.Join(' ', element.Attributes().OrderBy(attribute => attribute.Name.ToString()).Select(attribute => $"{attribute.Name}={attribute.Value}"))}>";
}
