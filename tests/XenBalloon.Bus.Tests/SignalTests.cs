using System.Collections.Immutable;
using System.Text.Json;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>The standard signals that announce changes of objects.</summary>
internal sealed class SignalTests : BusctlTests
{
    private const string Changed = "PropertiesChanged";
    private const string Added = "InterfacesAdded";
    private const string Removed = "InterfacesRemoved";

    [Test]
    public void All_changes_of_a_domain_are_in_one_signal()
    {
        using var monitor = new BusMonitor(Bus);
        Publication next = Canned.Publish(
            Canned.Dom0, Canned.Web, Canned.Db with { Target = KiB.FromMiB(600), Weight = 200 });

        Server.Publish(next);

        JsonElement signal = monitor.WaitFor(Changed, 1)[0];
        Assert.That(signal.GetProperty("path").GetString(), Is.EqualTo(Root + "/domain/7"));
        Assert.That(ChangedProperties(signal), Is.EquivalentTo(new[] { "Target", "Weight", "Reason" }));
        Assert.That(AllSignals(monitor, next), Has.Count.EqualTo(1));
    }

    [Test]
    public void Alarm_of_a_domain_that_is_unchanged_otherwise_is_announced()
    {
        using var monitor = new BusMonitor(Bus);
        Publication next = Canned.Host with
        {
            Alarms = [new RaisedAlarm(Canned.Web.Domain.Identity, "web", DomainAlarm.BalloonStuck, default)],
        };

        Server.Publish(next);

        JsonElement signal = monitor.WaitFor(Changed, 1)[0];
        Assert.That(signal.GetProperty("path").GetString(), Is.EqualTo(Root + "/domain/3"));
        Assert.That(ChangedProperties(signal), Is.EqualTo(new[] { "Alarms" }));
        Assert.That(AllSignals(monitor, next), Has.Count.EqualTo(1));
    }

    [Test]
    public void Each_changed_object_has_one_signal_for_a_pass()
    {
        using var monitor = new BusMonitor(Bus);
        Publication next = Canned.Publish(Canned.Dom0, Canned.Web with { Weight = 50 }, Canned.Db with { Weight = 50 });
        next = next with
        {
            Mode = BalancerMode.Observe,
            Plan = next.Plan with { Host = next.Plan.Host with { Free = KiB.FromMiB(650) } },
        };

        Server.Publish(next);

        monitor.WaitFor(Changed, 3);
        Assert.That(
            AllSignals(monitor, next).Select(
                signal => (signal.GetProperty("path").GetString(), string.Join(' ', ChangedProperties(signal)))),
            Is.EqualTo(new[]
            {
                (Root, "Mode HostFree"),
                (Root + "/domain/3", "Target Weight"),
                (Root + "/domain/7", "Target Weight"),
            }));
    }

    [Test]
    public void Kept_state_is_announced_with_the_next_and_as_one()
    {
        using var monitor = new BusMonitor(Bus);
        Publication next = Canned.Publish(Canned.Dom0, Canned.Web, Canned.Db with { Weight = 60 });

        Server.Keep(Canned.Publish(Canned.Dom0, Canned.Web with { Weight = 50 }, Canned.Db with { Weight = 50 }));
        Server.Publish(next);

        monitor.WaitFor(Changed, 1);
        Assert.That(AllSignals(monitor, next).Select(signal => signal.GetProperty("path").GetString()), Is.EqualTo(
            new[] { Root + "/domain/7" }));
    }

    [Test]
    public void Kept_state_is_read_at_once_and_announced_with_the_next()
    {
        using var monitor = new BusMonitor(Bus);
        Publication next = Canned.Publish(Canned.Dom0, Canned.Web, Canned.Db with { Weight = 50 });
        Server.Keep(next);

        Command read = Busctl("get-property", Service, Root + "/domain/7", Service + ".Domain", "Weight");
        Assert.That(read.Output, Is.EqualTo("u 50\n"));
        Assert.That(monitor.Signals(Changed), Is.Empty);

        Server.Publish(next);
        Assert.That(ChangedProperties(monitor.WaitFor(Changed, 1)[0]), Does.Contain("Weight"));
    }

    [Test]
    public void Age_of_reports_is_not_announced()
    {
        using var monitor = new BusMonitor(Bus);
        Publication later = Canned.Host with
        {
            Plan = Canned.Host.Plan with { At = Canned.At + TimeSpan.FromSeconds(10) },
        };

        Server.Publish(later);

        Eventually.Holds(
            () => Property(Root + "/domain/3", DomainInterface, "ReportAge") == "t 15", () => "the age is wrong");
        Assert.That(AllSignals(monitor, later), Is.Empty);
    }

    [Test]
    public void New_domain_is_announced_with_its_properties()
    {
        using var monitor = new BusMonitor(Bus);

        DomainDecision added = Canned.Guest(9, "new", 256, 256, 100, 120, ReasonKind.Starting, 256);
        Server.Publish(Canned.Publish(Canned.Dom0, Canned.Web, Canned.Db, added));

        JsonElement signal = monitor.WaitFor(Added, 1)[0];
        Assert.That(
            signal.ToString(),
            Does.Contain(Root + "/domain/9").And.Contain("\"Name\":{\"type\":\"s\",\"data\":\"new\"}"));
        Assert.That(Property(Root + "/domain/9", DomainInterface, "Name"), Is.EqualTo("s \"new\""));
    }

    [Test]
    public void Destroyed_domain_is_announced_and_removed()
    {
        using var monitor = new BusMonitor(Bus);

        Server.Publish(Canned.Publish(Canned.Dom0, Canned.Db));

        JsonElement signal = monitor.WaitFor(Removed, 1)[0];
        Assert.That(signal.ToString(), Does.Contain(Root + "/domain/3").And.Contain(DomainInterface));
        Assert.That(Busctl("get-property", Service, Root + "/domain/3", DomainInterface, "Name").Status, Is.Not.Zero);
        Assert.That(Busctl("--list", "tree", Service).Output, Does.Not.Contain("/domain/3"));
    }

    [Test]
    public void Domain_with_a_reused_domid_is_a_new_object()
    {
        using var monitor = new BusMonitor(Bus);
        var identity = new DomainIdentity(3, Canned.Uuid(33));
        DomainSnapshot domain = Canned.Web.Domain with { Identity = identity, Name = "web2" };
        DomainDecision other = Canned.Web with { Domain = domain };
        Publication next = Canned.Publish(Canned.Dom0, other, Canned.Db);

        Server.Publish(next);

        monitor.WaitFor(Added, 1);
        Assert.That(
            AllSignals(monitor, next).Select(signal => signal.GetProperty("member").GetString()),
            Is.EqualTo(new[] { Removed, Added }));
        Assert.That(Property(Root + "/domain/3", DomainInterface, "Uuid"), Is.EqualTo($"s \"{Canned.Uuid(33)}\""));
    }

    [Test]
    public void Newest_of_many_states_is_published()
    {
        using var monitor = new BusMonitor(Bus);

        for (int weight = 1; weight <= 2000; weight++)
        {
            Server.Publish(Canned.Publish(Canned.Dom0, Canned.Web with { Weight = weight }));
        }

        Eventually.Holds(
            () => Property(Root + "/domain/3", DomainInterface, "Weight") == "u 2000", () => "not the newest state");
    }

    [Test]
    public void Hundreds_of_domains_are_added_and_removed()
    {
        ImmutableArray<DomainDecision> many =
        [
            .. Enumerable.Range(1, 500)
                .Select(i => Canned.Guest(i, $"guest{i}", 256, 256, 100, 120, ReasonKind.Balanced, 256)),
        ];

        Server.Publish(Canned.Publish(many));
        Eventually.Holds(() => Call("GetDomain", "s", "guest500").Status == 0, () => "the last domain was not added");
        Server.Publish(Canned.Publish([]));
        Eventually.Holds(() => Call("GetDomain", "s", "guest500").Status != 0, () => "the last domain was not removed");

        Assert.That(Busctl("--list", "tree", Service).Output, Does.Not.Contain("/domain/"));
    }

    [Test]
    public void Name_with_invalid_characters_is_published()
    {
        string name = "\ud800 \u0007 \"quoted\" \n" + new string('x', 5000);
        DomainDecision domain = Canned.Web with { Domain = Canned.Web.Domain with { Name = name } };

        Server.Publish(Canned.Publish(Canned.Dom0, domain));

        Eventually.Holds(
            () => Property(Root + "/domain/3", DomainInterface, "Name").Contains("quoted", StringComparison.Ordinal),
            () => "the name is not published");
        const string ObjectManager = "org.freedesktop.DBus.ObjectManager";
        Assert.That(Busctl("call", Service, Root, ObjectManager, "GetManagedObjects").Status, Is.Zero);
    }

    private static IEnumerable<string> ChangedProperties(JsonElement signal) =>
        signal.GetProperty("payload").GetProperty("data")[1].EnumerateObject().Select(property => property.Name);

    /// <summary>All signals so far: one more change, of another property, marks the end.</summary>
    private List<JsonElement> AllSignals(BusMonitor monitor, Publication last)
    {
        Server.Publish(last with { Settings = last.Settings with { Policy = PolicyKind.Static } });
        Eventually.Holds(() => monitor.Signals(Changed).Any(IsEnd), () => "the last signal is missing");
        return [.. monitor.Messages.TakeWhile(signal => !IsEnd(signal))];
    }

    private static bool IsEnd(JsonElement signal) =>
        signal.ToString().Contains("\"static\"", StringComparison.Ordinal);
}
