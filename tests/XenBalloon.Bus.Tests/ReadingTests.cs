using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

internal sealed class ReadingTests : BusctlTests
{
    [Test]
    public void The_tree_shows_the_manager_and_every_domain()
    {
        Command tree = Busctl("--list", "tree", Service);

        Assert.That(tree.Output.Split('\n').Select(line => line.Trim()), Is.SupersetOf(new[] { Root, Root + "/domain/0", Root + "/domain/3", Root + "/domain/7" }));
    }

    [Test]
    public void A_plan_that_is_not_carried_out_changes_no_target()
    {
        Server.Publish(Canned.Host with { Mode = Core.Settings.BalancerMode.Observe });
        Eventually.Holds(() => Property(Root + "/domain/3", DomainInterface, "Target") == "t 819200", () => "the target shown is not the one in force");
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
    public void What_is_not_known_of_a_domain_is_nothing(string property, string value) =>
        Assert.That(Property(Root + "/domain/0", DomainInterface, property), Is.EqualTo(value));

    [Test]
    public void Anyone_may_read()
    {
        Command mode = BusctlAsNobody("get-property", Service, Root, ManagerInterface, "Mode");
        Command domain = BusctlAsNobody("call", Service, Root, ManagerInterface, "GetDomain", "s", "web");

        Assert.That((mode.Output, domain.Output), Is.EqualTo(("s \"active\"\n", $"o \"{Root}/domain/3\"\n")));
    }

    [TestCase("7")]
    [TestCase("db")]
    [TestCase("00000007-1234-5678-0102-030405060708")]
    public void A_domain_is_found_by(string nameOrUuidOrDomid) =>
        Assert.That(Call("GetDomain", "s", nameOrUuidOrDomid).Output, Is.EqualTo($"o \"{Root}/domain/7\"\n"));

    [Test]
    public void The_managed_objects_are_the_domains_with_all_their_properties()
    {
        Command managed = Busctl("--json=short", "call", Service, Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");

        Assert.That(managed.Output, Does.Contain(Root + "/domain/0").And.Contain(Root + "/domain/7").And.Contain("\"Entitlement\":{\"type\":\"t\",\"data\":665600}"));
    }

    [TestCase("/domain/abc")]
    [TestCase("/domain/99999999999")]
    [TestCase("/domain/-1")]
    [TestCase("/domain/3/x")]
    [TestCase("/domain/_")]
    [TestCase("/domain")]
    [TestCase("/nothing")]
    public void A_path_that_is_no_object_does_no_harm(string path)
    {
        Busctl("introspect", Service, Root + path);
        Command get = Busctl("get-property", Service, Root + path, DomainInterface, "Target");
        Busctl("call", Service, Root + path, "org.freedesktop.DBus.Properties", "GetAll", "s", "");

        Assert.That(get.Status, Is.Not.Zero);
        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
    }
}
