using XenBalloon.Bus.Tests.OnPrivateBus;

namespace XenBalloon.Bus.Tests;

internal sealed class ReadingTests : BusctlTests
{
    [Test]
    public void The_tree_shows_the_manager_and_every_domain()
    {
        Command tree = Busctl("--list", "tree", Service);

        Assert.That(tree.Output.Split('\n').Select(line => line.Trim()), Is.SupersetOf(new[] { Root, Root + "/domain/0", Root + "/domain/3", Root + "/domain/7" }));
    }

    [TestCase("Version", "s \"0.1.0\"")]
    [TestCase("Host", "s \"Xen 4.17\"")]
    [TestCase("Mode", "s \"active\"")]
    [TestCase("Policy", "s \"fair-share\"")]
    [TestCase("HostTotal", "t 4194304")]
    [TestCase("HostFree", "t 716800")]
    [TestCase("Slack", "t 65536")]
    [TestCase("KeepFree", "t 204800")]
    [TestCase("Pressure", "s \"demand\"")]
    [TestCase("Alarm", "s \"none\"")]
    public void The_manager_has_a(string property, string value) => Assert.That(Property(Root, ManagerInterface, property), Is.EqualTo(value));

    [TestCase("Domid", "u 3")]
    [TestCase("Uuid", "s \"00000003-1234-5678-0102-030405060708\"")]
    [TestCase("Name", "s \"web\"")]
    [TestCase("State", "s \"running\"")]
    [TestCase("Managed", "b true")]
    [TestCase("Health", "s \"cooperative\"")]
    [TestCase("Actual", "t 819200")]
    [TestCase("Target", "t 768000")]
    [TestCase("MaxMem", "t 820224")]
    [TestCase("DynamicMin", "t 131072")]
    [TestCase("DynamicMax", "t 1048576")]
    [TestCase("StaticMax", "t 1048576")]
    [TestCase("Weight", "u 100")]
    [TestCase("Hot", "t 317440")]
    [TestCase("Want", "t 380928")]
    [TestCase("Floor", "t 333824")]
    [TestCase("Entitlement", "t 665600")]
    [TestCase("ReportSource", "s \"xenserver\"")]
    [TestCase("ReportVerdict", "s \"fresh\"")]
    [TestCase("ReportAge", "t 5")]
    [TestCase("Reason", "s \"idle: hot 310 MiB + headroom 62 MiB; share 650 MiB; shrinking 800 MiB to 750 MiB\"")]
    public void A_domain_has_a(string property, string value) => Assert.That(Property(Root + "/domain/3", DomainInterface, property), Is.EqualTo(value));

    [Test]
    public void A_plan_that_is_not_carried_out_changes_no_target()
    {
        Server.Publish(Canned.Host with { Mode = Core.Settings.BalancerMode.Observe });
        Eventually.Holds(() => Property(Root + "/domain/3", DomainInterface, "Target") == "t 819200", () => "the target shown is not the one in force");
    }

    [TestCase("Target", "t 0")]
    [TestCase("StaticMax", "t 0")]
    [TestCase("Hot", "t 0")]
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
