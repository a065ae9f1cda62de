using System.Collections.Immutable;
using System.Text.Json;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

internal sealed class SignalTests : BusctlTests
{
    private const string Changed = "PropertiesChanged";
    private const string Added = "InterfacesAdded";
    private const string Removed = "InterfacesRemoved";

    [Test]
    public void All_that_changed_in_a_domain_is_told_in_one_signal()
    {
        using var monitor = new BusMonitor(Bus);

        Publication next = Canned.Publish(Canned.Dom0, Canned.Web, Canned.Db with { Target = KiB.FromMiB(600), Weight = 200 });

        Server.Publish(next);

        JsonElement told = monitor.WaitFor(Changed, 1)[0];
        Assert.That(told.GetProperty("path").GetString(), Is.EqualTo(Root + "/domain/7"));
        Assert.That(ChangedProperties(told), Is.EquivalentTo(new[] { "Target", "Weight" }));
        Assert.That(SettledSignals(monitor, next), Has.Count.EqualTo(1));
    }

    [Test]
    public void Each_object_that_changed_has_one_signal_for_a_step()
    {
        using var monitor = new BusMonitor(Bus);
        Publication next = Canned.Publish(Canned.Dom0, Canned.Web with { Weight = 50 }, Canned.Db with { Weight = 50 });
        next = next with { Mode = BalancerMode.Observe, Plan = next.Plan with { Host = next.Plan.Host with { Free = KiB.FromMiB(650) } } };

        Server.Publish(next);

        monitor.WaitFor(Changed, 3);
        IReadOnlyList<JsonElement> told = SettledSignals(monitor, next);
        Assert.That(
            told.Select(signal => (signal.GetProperty("path").GetString(), string.Join(' ', ChangedProperties(signal)))),
            Is.EqualTo(new[] { (Root, "Mode HostFree"), (Root + "/domain/3", "Target Weight"), (Root + "/domain/7", "Target Weight") }));
    }

    [Test]
    public void Nothing_is_told_when_nothing_changed_but_the_age_of_reports()
    {
        using var monitor = new BusMonitor(Bus);
        Publication later = Canned.Host with { Plan = Canned.Host.Plan with { At = Canned.At + TimeSpan.FromSeconds(10) } };

        Server.Publish(later);

        Eventually.Holds(() => Property(Root + "/domain/3", DomainInterface, "ReportAge") == "t 15", () => "the age is not shown");
        Assert.That(SettledSignals(monitor, later), Is.Empty);
    }

    [Test]
    public void A_domain_that_comes_is_told_with_its_properties()
    {
        using var monitor = new BusMonitor(Bus);

        Server.Publish(Canned.Publish([Canned.Dom0, Canned.Web, Canned.Db, Canned.Guest(9, "new", 256, 256, 100, 120, ReasonKind.Starting, 256)]));

        JsonElement told = monitor.WaitFor(Added, 1)[0];
        Assert.That(told.ToString(), Does.Contain(Root + "/domain/9").And.Contain("\"Name\":{\"type\":\"s\",\"data\":\"new\"}"));
        Assert.That(Property(Root + "/domain/9", DomainInterface, "Name"), Is.EqualTo("s \"new\""));
    }

    [Test]
    public void A_domain_that_goes_is_told_and_is_gone()
    {
        using var monitor = new BusMonitor(Bus);

        Server.Publish(Canned.Publish(Canned.Dom0, Canned.Db));

        JsonElement told = monitor.WaitFor(Removed, 1)[0];
        Assert.That(told.ToString(), Does.Contain(Root + "/domain/3").And.Contain(DomainInterface));
        Assert.That(Busctl("get-property", Service, Root + "/domain/3", DomainInterface, "Name").Status, Is.Not.Zero);
        Assert.That(Busctl("--list", "tree", Service).Output, Does.Not.Contain("/domain/3"));
    }

    [Test]
    public void Another_domain_with_the_domid_of_one_that_went_is_another_object()
    {
        using var monitor = new BusMonitor(Bus);
        DomainDecision another = Canned.Web with { Domain = Canned.Web.Domain with { Identity = new DomainIdentity(3, Canned.Uuid(33)), Name = "web2" } };

        Publication next = Canned.Publish(Canned.Dom0, another, Canned.Db);

        Server.Publish(next);

        monitor.WaitFor(Added, 1);
        Assert.That(
            SettledSignals(monitor, next).Select(signal => signal.GetProperty("member").GetString()),
            Is.EqualTo(new[] { Removed, Added }));
        Assert.That(Property(Root + "/domain/3", DomainInterface, "Uuid"), Is.EqualTo($"s \"{Canned.Uuid(33)}\""));
    }

    [Test]
    public void A_flood_of_states_ends_with_the_newest()
    {
        using var monitor = new BusMonitor(Bus);

        for (int weight = 1; weight <= 2000; weight++) Server.Publish(Canned.Publish(Canned.Dom0, Canned.Web with { Weight = weight }));

        Eventually.Holds(() => Property(Root + "/domain/3", DomainInterface, "Weight") == "u 2000", () => "the newest state is not shown");
    }

    [Test]
    public void Hundreds_of_domains_come_and_go()
    {
        ImmutableArray<DomainDecision> many = [.. Enumerable.Range(1, 500).Select(i => Canned.Guest(i, $"guest{i}", 256, 256, 100, 120, ReasonKind.Balanced, 256))];

        Server.Publish(Canned.Publish(many));
        Eventually.Holds(() => Call("GetDomain", "s", "guest500").Status == 0, () => "the last domain did not come");
        Server.Publish(Canned.Publish([]));
        Eventually.Holds(() => Call("GetDomain", "s", "guest500").Status != 0, () => "the last domain did not go");

        Assert.That(Busctl("--list", "tree", Service).Output, Does.Not.Contain("/domain/"));
    }

    [Test]
    public void Names_that_are_no_text_do_no_harm()
    {
        DomainDecision strange = Canned.Web with { Domain = Canned.Web.Domain with { Name = "\ud800 \u0007 \"quoted\" \n" + new string('x', 5000) } };

        Server.Publish(Canned.Publish(Canned.Dom0, strange));

        Eventually.Holds(() => Property(Root + "/domain/3", DomainInterface, "Name").Contains("quoted", StringComparison.Ordinal), () => "the name is not shown");
        Assert.That(Busctl("call", Service, Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects").Status, Is.Zero);
    }

    private static IEnumerable<string> ChangedProperties(JsonElement signal) =>
        signal.GetProperty("payload").GetProperty("data")[1].EnumerateObject().Select(property => property.Name);

    /// <summary>All signals up to now: one more, of a property of its own, shows that everything before it has passed.</summary>
    private List<JsonElement> SettledSignals(BusMonitor monitor, Publication last)
    {
        Server.Publish(last with { Settings = last.Settings with { Policy = PolicyKind.Static } });
        Eventually.Holds(() => monitor.Signals(Changed).Any(IsEnd), () => "the last signal did not come");
        return [.. monitor.Messages.TakeWhile(signal => !IsEnd(signal))];
    }

    private static bool IsEnd(JsonElement signal) => signal.ToString().Contains("\"static\"", StringComparison.Ordinal);
}
