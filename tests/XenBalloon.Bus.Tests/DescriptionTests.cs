using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Compares the shipped descriptions with the test cases and the errors.</summary>
internal sealed partial class CoverageTests
{
    private static readonly string[] Interfaces = ["Manager", "Domain", "Reservation"];

    [Test]
    public void Exactly_the_described_members_have_test_cases()
    {
        IEnumerable<Member> described =
            from name in Interfaces
            from element in ShippedFiles.Interface($"org.xenballoon.Balloon1.{name}").Elements()
            where element.Name != "annotation"
            select new Member(name, element.Name.LocalName, (string)element.Attribute("name")!);
        Member[] covered =
        [
            .. MethodTable.All.Select(method => method.Member),
            .. PropertyTable.All.Select(property => property.Member),
            .. SignalTable.All.Select(signal => signal.Member),
        ];

        Assert.That(covered.Distinct(), Is.EquivalentTo(described));
    }

    [Test]
    public void Each_interface_has_a_description() => Assert.That(
        Directory.GetFiles(Path.GetDirectoryName(ShippedFiles.PathOf("x"))!, "*.xml").Select(Path.GetFileName),
        Is.EquivalentTo(Interfaces.Select(name => $"org.xenballoon.Balloon1.{name}.xml")));

    [Test]
    public void Exactly_the_errors_of_the_daemon_are_described()
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

/// <summary>Compares the values that string properties can have with the shipped descriptions.</summary>
internal sealed partial class StringValueTests
{
    /// <summary>The properties with a fixed set of strings, and the strings that the daemon can publish.</summary>
    internal static IReadOnlyList<(Member Member, string[] Values)> All { get; } =
    [
        (new Member("Manager", "property", "Mode"), Of<BalancerMode>(EnumText.Of)),
        (new Member("Manager", "property", "Policy"), Of<PolicyKind>(EnumText.Of)),
        (new Member("Manager", "property", "Pressure"), Of<HostPressure>(EnumText.Of)),
        (new Member("Manager", "property", "Alarm"), Of<HostAlarm>(EnumText.Of)),
        (new Member("Domain", "property", "State"), Of<DomainLifecycle>(EnumText.Of)),
        (new Member("Domain", "property", "Health"), Of<BalloonHealth>(EnumText.Of)),
        (new Member("Domain", "property", "Alarms"), Of<DomainAlarm>(EnumText.Of)),
        (
            new Member("Domain", "property", "ReportSource"),
            ["none", .. Of<ReportSource>(source => EnumText.Of(source))]),
        (
            new Member("Domain", "property", "ReportVerdict"),
            ["none", .. Of<ReportVerdict>(verdict => EnumText.Of(verdict))]),
        (new Member("Domain", "property", "ReasonKind"), Of<ReasonKind>(EnumText.Of)),
        (new Member("Reservation", "property", "State"), Of<ReservationState>(EnumText.Of)),
    ];

    private static IEnumerable<TestCaseData<Member, string[]>> Cases =>
        from property in All
        let data = new TestCaseData<Member, string[]>(property.Member, property.Values)
        select data.SetArgDisplayNames(property.Member.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Exactly_the_possible_values_are_described(Member member, string[] values)
    {
        XElement property = ShippedFiles.Interface($"org.xenballoon.Balloon1.{member.Interface}")
            .Elements("property")
            .Single(element => (string?)element.Attribute("name") == member.Name);
        string comment = ((XComment)property.NodesBeforeSelf().Last(node => node is not XText)).Value;

        IEnumerable<string> described = Quoted().Matches(comment).Select(match => match.Groups[1].Value);
        Assert.That(described.Distinct(), Is.EquivalentTo(values));
    }

    private static string[] Of<T>(Func<T, string> text)
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(text)];

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}

/// <summary>Compares the introspection data of live objects with the shipped descriptions.</summary>
internal sealed class IntrospectionTests : BusctlTests
{
    [TestCase(ManagerInterface, Root)]
    [TestCase(DomainInterface, Root + "/domain/3")]
    [TestCase(ReservationInterface, Root + "/reservation/4")]
    public void Introspection_data_equals_the_shipped_description(string interfaceName, string path)
    {
        Server.Publish(Canned.Host with { Reservations = [Canned.Reservation(4)] });
        XElement shipped = Interface(XDocument.Load(ShippedFiles.PathOf(interfaceName + ".xml")), interfaceName);
        string reply =
            Busctl("--json=short", "call", Service, path, "org.freedesktop.DBus.Introspectable", "Introspect").Output;
        string live = JsonDocument.Parse(reply).RootElement.GetProperty("data")[0].GetString()!;

        Assert.That(Lines(Interface(XDocument.Parse(live), interfaceName)), Is.EqualTo(Lines(shipped)));
    }

    [Test]
    public void Busctl_introspects_the_manager()
    {
        string output = Busctl("introspect", Service, Root).Output;

        Assert.That(
            output,
            Does.Match(@"\.SetMode +method +s +-").And.Match(@"\.HostFree +property +t +716800 +emits-change"));
    }

    private static XElement Interface(XDocument description, string name) =>
        description.Root!.Elements("interface").Single(element => (string?)element.Attribute("name") == name);

    /// <summary>One line for each member, without comments, sorted.</summary>
    private static List<string> Lines(XElement description) =>
    [
        .. description.Elements()
            .Where(member => member.Name != "annotation")
            .Select(member => $"{Line(member)} {string.Join(' ', member.Elements().Select(Line))}")
            .Order(),
    ];

    private static string Line(XElement element)
    {
        IEnumerable<string> attributes =
            from attribute in element.Attributes()
            orderby attribute.Name.ToString()
            select $"{attribute.Name}={attribute.Value}";
        return $"<{element.Name} {string.Join(' ', attributes)}>";
    }
}
