using System.Text.Json;
using System.Xml.Linq;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

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
