using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Reads objects and properties with busctl.</summary>
internal sealed class ReadingTests : BusctlTests
{
    [Test]
    public void Tree_lists_the_manager_and_every_domain()
    {
        Command tree = Busctl("--list", "tree", Service);

        Assert.That(
            tree.Output.Split('\n').Select(line => line.Trim()),
            Is.SupersetOf(new[] { Root, Root + "/domain/0", Root + "/domain/3", Root + "/domain/7" }));
    }

    [Test]
    public void Target_is_the_one_in_force_while_the_balancer_only_observes()
    {
        Server.Publish(Canned.Host with { Mode = Core.Settings.BalancerMode.Observe });

        Eventually.Holds(
            () => Property(Root + "/domain/3", DomainInterface, "Target") == "t 819200",
            () => "the target is not the one in force");
    }

    [TestCase("Target", "t 0")]
    [TestCase("StaticMax", "t 0")]
    [TestCase("InUse", "t 0")]
    [TestCase("RecentPeak", "t 0")]
    [TestCase("GuaranteedShare", "t 0")]
    [TestCase("Entitlement", "t 0")]
    [TestCase("ReportSource", "s \"none\"")]
    [TestCase("ReportVerdict", "s \"none\"")]
    [TestCase("ReportAge", "t 0")]
    public void Unknown_property_of_a_domain_is_zero_or_none(string property, string value) =>
        Assert.That(Property(Root + "/domain/0", DomainInterface, property), Is.EqualTo(value));

    [Test]
    public void Any_user_may_read()
    {
        Command mode = BusctlUnprivileged("get-property", Service, Root, ManagerInterface, "Mode");
        Command domain = BusctlUnprivileged("call", Service, Root, ManagerInterface, "GetDomain", "s", "web");

        Assert.That((mode.Output, domain.Output), Is.EqualTo(("s \"active\"\n", $"o \"{Root}/domain/3\"\n")));
    }

    [TestCase("7")]
    [TestCase("db")]
    [TestCase("00000007-1234-5678-0102-030405060708")]
    public void Domain_is_found_by(string nameOrUuidOrDomid) =>
        Assert.That(Call("GetDomain", "s", nameOrUuidOrDomid).Output, Is.EqualTo($"o \"{Root}/domain/7\"\n"));

    [Test]
    public void Managed_objects_include_the_domains_and_their_properties()
    {
        const string ObjectManager = "org.freedesktop.DBus.ObjectManager";
        Command managed = Busctl("--json=short", "call", Service, Root, ObjectManager, "GetManagedObjects");

        JsonElement objects = JsonDocument.Parse(managed.Output).RootElement.GetProperty("data")[0];
        Assert.That(
            objects.EnumerateObject().Select(entry => entry.Name),
            Is.EquivalentTo(new[] { Root + "/domain/0", Root + "/domain/3", Root + "/domain/7" }));
        JsonElement entitlement =
            objects.GetProperty(Root + "/domain/7").GetProperty(DomainInterface).GetProperty("Entitlement");
        Assert.That(entitlement.GetProperty("data").GetInt64(), Is.EqualTo(665600));
    }

    [TestCase("/domain/abc")]
    [TestCase("/domain/99999999999")]
    [TestCase("/domain/-1")]
    [TestCase("/domain/3/x")]
    [TestCase("/domain/_")]
    [TestCase("/domain")]
    [TestCase("/nothing")]
    public void Path_without_an_object_is_an_error(string path)
    {
        Busctl("introspect", Service, Root + path);
        Command get = Busctl("get-property", Service, Root + path, DomainInterface, "Target");
        Busctl("call", Service, Root + path, "org.freedesktop.DBus.Properties", "GetAll", "s", "");

        Assert.That(get.Status, Is.Not.Zero);
        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
    }
}
