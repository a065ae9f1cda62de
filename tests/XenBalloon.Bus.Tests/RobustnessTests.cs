using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Server;
using XenBalloon.Core;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>What others on the bus, and the bus itself, can do to us.</summary>
internal sealed class RobustnessTests : BusctlTests
{
    private const int Nobody = 65534;
    private const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    private static ImmutableArray<DomainDecision> Thousand(int weight = 100) =>
    [
        .. Enumerable.Range(1, 1000).Select(i =>
            Canned.Guest(i, $"guest{i}", 256, 256, 100, 120, ReasonKind.Balanced, 256) with { Weight = weight }),
    ];

    [Test]
    public void Thousand_domains_fit_in_one_reply()
    {
        Publish(Canned.Publish(Thousand()));
        using BalloonClient client = Client();

        Command managed = Busctl("--json=short", "call", Service, Root, ObjectManager, "GetManagedObjects");

        JsonElement objects = JsonDocument.Parse(managed.Output).RootElement.GetProperty("data")[0];
        Assert.That(objects.EnumerateObject().Count(), Is.EqualTo(1000));
        Assert.That(client.Read().Domains.Select(domain => domain.Domid), Is.EqualTo(Enumerable.Range(1, 1000)));
    }

    [Test]
    public void Client_that_never_reads_does_not_keep_others_from_an_answer()
    {
        Publish(Canned.Publish(Thousand()));
        using var deaf = new RawClient(Bus);
        deaf.StopReading();

        for (int i = 0; i < 100; i++) _ = deaf.CallAsync(Root, ObjectManager, "GetManagedObjects");

        using BalloonClient client = Client();
        Assert.That(client.Read().Domains, Has.Length.EqualTo(1000));
        client.SetMode(Core.Settings.BalancerMode.Paused);
        Assert.That(Control.Asked, Does.Contain("mode Paused"));
    }

    [Test]
    public void Clients_that_ask_for_everything_and_read_nothing_do_not_fill_the_memory()
    {
        Publish(Canned.Publish(Thousand()));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        RawClient[] deaf = [.. Enumerable.Range(0, 20).Select(_ => new RawClient(Bus, Nobody))];
        foreach (RawClient client in deaf) client.StopReading();

        // The answers to all of them would have more than a gigabyte.
        foreach (RawClient client in deaf)
        {
            for (int i = 0; i < 120; i++) _ = client.CallAsync(Root, ObjectManager, "GetManagedObjects");
        }

        using BalloonClient root = Client();
        Eventually.Holds(() => Succeeds(() => root.Read().Domains.Length == 1000), () => "root gets no answer");
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(300 << 20));
        foreach (RawClient client in deaf) client.Dispose();
    }

    [Test]
    public void Argument_of_megabytes_is_refused_in_one_short_line()
    {
        string[] call = ["call", Service, Root, ManagerInterface, "SetMode", "s", new string('x', 100_000)];

        Command refused = BusctlAsNobody(call);

        Assert.That(refused.Error.Trim(), Is.EqualTo("Call failed: string of 100000 bytes: expected at most 4096"));
        Assert.That(Server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void Option_that_is_given_twice_is_refused() => Assert.That(
        Call("Reserve", "tta{sv}", "4", "4", "2", "timeout", "u", "1", "timeout", "u", "2").Error,
        Does.Contain("duplicate key 'timeout': give it once"));

    [TestCase("Mode", "is read-only")]
    [TestCase("Mood", "no property 'Mood'")]
    public void Property_cannot_be_set(string property, string message) => Assert.That(
        Busctl("set-property", Service, Root, ManagerInterface, property, "s", "paused").Error,
        Does.Contain(message));

    [Test]
    public void Owner_of_a_bus_that_was_restarted_is_not_taken_for_a_newcomer_with_its_name()
    {
        using var owner = new RawClient(Bus);
        string name = owner.Connection.UniqueName!;
        Core.Reservations.Reservation held = Canned.Reservation(4) with { Owner = Owner(name) };
        Server.Publish(Canned.Host with { Reservations = [held] });
        Bus.Kill();
        Eventually.Holds(() => Server.Completion.IsFaulted, () => "the loss was not noticed");
        Bus.Restart();
        RawClient[] newcomers = [.. Enumerable.Range(0, 6).Select(_ => new RawClient(Bus))];
        Assert.That(newcomers.Select(one => one.Connection.UniqueName), Does.Contain(name), "names start over");

        using BusServer again = Start(Canned.Host with { Reservations = [held] });

        Eventually.Holds(() => Control.Asked.Contains("owner left"), () => "the old owner was taken for a newcomer");
        foreach (RawClient newcomer in newcomers) newcomer.Dispose();
    }

    [Test]
    public void Owner_from_the_state_of_an_older_daemon_is_followed_by_its_name()
    {
        var owner = new RawClient(Bus);
        Server.Publish(Canned.Host with { Reservations = [Canned.Reservation(4) with { Owner = owner.Connection.UniqueName! }] });
        Eventually.Holds(() => Busctl("get-property", Service, Root + "/reservation/4", ReservationInterface, "Owner").Status == 0, () => "not shown");
        Assert.That(Control.Asked, Is.Empty);

        owner.Dispose();

        Eventually.Holds(() => Control.Asked.Contains("owner left"), () => "its leaving was not noticed");
    }

    [Test]
    public void Owners_that_stay_are_followed_and_each_that_leaves_is_told_once()
    {
        RawClient[] owners = [.. Enumerable.Range(0, 5).Select(_ => new RawClient(Bus))];
        Publication reserved = Canned.Host with
        {
            Reservations =
            [
                .. owners.Select((owner, i) =>
                    Canned.Reservation(i + 1) with { Owner = Owner(owner.Connection.UniqueName!) }),
            ],
        };
        Server.Publish(reserved);
        Server.Publish(reserved);
        string[] getLast = ["get-property", Service, Root + "/reservation/5", ReservationInterface, "Owner"];
        Eventually.Holds(() => Busctl(getLast).Status == 0, () => "not shown");
        Assert.That(Control.Asked, Is.Empty);

        foreach (RawClient owner in owners) owner.Dispose();

        Eventually.Holds(() => Control.Asked.Count == owners.Length, () => string.Join(' ', Control.Asked));
    }

    [Test]
    public async Task Ten_thousand_denied_calls_leave_the_server_as_it_was()
    {
        using var attacker = new RawClient(Bus, Nobody);

        var refusals = new List<string>();
        for (int i = 0; i < 100; i++)
        {
            Task[] calls =
                [.. Enumerable.Range(0, 100).Select(_ => attacker.CallAsync(Root, ManagerInterface, "Reload"))];
            foreach (Task call in calls)
            {
                DBusErrorReplyException refused = await Assert.ThrowsAsync<DBusErrorReplyException>(
                    () => call.WaitAsync(TimeSpan.FromSeconds(60)));
                refusals.Add(refused.ErrorName);
            }
        }

        string[] expected =
            ["org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.LimitsExceeded"];
        Assert.That(refusals.Distinct(), Is.SubsetOf(expected));
        Assert.That(refusals, Has.Count.EqualTo(10_000));
        Assert.That(Control.Asked, Is.Empty);
        Assert.That(Call("Reload").Status, Is.Zero, "root is answered as ever");
    }

    [Test]
    public void Stalled_bus_delays_no_publication_and_gets_the_newest_one_when_it_goes_on()
    {
        using var monitor = new BusMonitor(Bus);
        Publish(Canned.Publish(Thousand()));
        Bus.Stall();

        for (int weight = 1; weight <= 40; weight++) Server.Publish(Canned.Publish(Thousand(weight)));
        Bus.GoOn();

        Eventually.Holds(
            () => Property(Root + "/domain/1000", DomainInterface, "Weight") == "u 40",
            () => "the newest state is not shown");
        Assert.That(
            monitor.Signals("PropertiesChanged"),
            Has.Count.LessThan(10_000),
            "what was overtaken meanwhile is not sent");
    }

    [Test]
    public void Server_that_leaves_a_stalled_bus_does_not_wait_for_it()
    {
        Bus.Stall();

        Task leaving = Task.Run(Server.Dispose);

        Assert.That(leaving.Wait(TimeSpan.FromSeconds(30)), Is.True);
    }

    [Test]
    public void Bus_that_comes_back_at_the_same_address_takes_a_new_server()
    {
        Bus.Kill();
        Eventually.Holds(() => Server.Completion.IsFaulted, () => "the loss was not noticed");
        Server.Dispose();

        Bus.Restart();
        using BusServer again = Start(Canned.Host);

        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void Client_says_that_the_bus_was_lost_while_it_waited()
    {
        using BalloonClient client = Client();
        client.WaitForChange(TimeSpan.Zero);
        Task<ControlError> waiting = Task.Run(() =>
        {
            try
            {
                while (true) client.WaitForChange(TimeSpan.FromSeconds(30));
            }
            catch (ControlException lost)
            {
                return lost.Error;
            }
        });

        Bus.Kill();

        Assert.That(waiting.Wait(TimeSpan.FromSeconds(60)), Is.True);
        Assert.That(waiting.Result, Is.EqualTo(ControlError.Unreachable));
    }

    [TestCase("a\0b", "a\ufffdb")]
    [TestCase(@"\ud800lone", "\ufffdlone")] // spelled out, for the test runner would replace it
    [TestCase("tab\tbell\u0007", "tab\tbell\u0007")]
    [TestCase("\u202egnirts \ud83d\ude00 \u0000", "\u202egnirts \ud83d\ude00 \ufffd")]
    public void Name_that_the_bus_would_refuse_is_shown_with_its_bad_letters_replaced(string name, string shown)
    {
        using BalloonClient client = Client();

        DomainDecision named =
            Canned.Web with { Domain = Canned.Web.Domain with { Name = Regex.Unescape(name) } };
        Server.Publish(Canned.Publish(Canned.Dom0, named));

        Eventually.Holds(
            () => client.Read().Domains.Any(domain => domain.Name == shown), () => "the name is not shown");
        Assert.That(Server.Completion.IsCompleted, Is.False, "the bus did not close the connection");
    }

    [TestCase("\0")]
    [TestCase(@"\ud800")]
    public void Client_asks_for_odd_names_without_losing_the_bus(string name)
    {
        using BalloonClient client = Client();

        ControlException refused =
            Assert.Throws<ControlException>(() => client.FindDomain(Regex.Unescape(name)));
        Assert.That(refused.Error, Is.EqualTo(ControlError.NoSuchDomain));
        Assert.That(client.FindDomain("web"), Is.EqualTo(3));
    }

    [Test]
    public void Error_with_a_nul_reaches_the_caller()
    {
        Control.Answer = () => Task.FromException(new ControlException("the file says '\0'"));
        using BalloonClient client = Client();

        Assert.That(Assert.Throws<ControlException>(client.Reload).Message, Is.EqualTo("the file says '\ufffd'"));
    }

    private static bool Succeeds(Func<bool> attempt)
    {
        try
        {
            return attempt();
        }
        catch (ControlException)
        {
            return false; // the queue is full at the moment
        }
    }

    /// <summary>As the daemon has it from a caller of Reserve.</summary>
    private string Owner(string uniqueName)
    {
        const string BusName = "org.freedesktop.DBus";
        string id = Busctl("call", BusName, "/org/freedesktop/DBus", BusName, "GetId").Output.Split('"')[1];
        return $"{uniqueName}@{id[..8]}";
    }

    private BalloonClient Client() => BalloonClient.Connect(Bus.Address);

    private void Publish(Publication publication)
    {
        Server.Publish(publication);
        int last = publication.Plan.Domains[^1].Domain.Identity.Domid;
        Eventually.Holds(() => Call("GetDomain", "s", $"{last}").Status == 0, () => "the domains are not shown");
    }
}
