using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Server;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Misbehaving clients, and failures of the bus.</summary>
internal sealed class RobustnessTests : BusctlTests
{
    private const int NobodyUid = 65534;
    private const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    private static ImmutableArray<DomainDecision> Thousand(int weight = 100) =>
    [
        .. Enumerable.Range(1, 1000).Select(i =>
            Canned.Guest(i, $"guest{i}", 256, 256, 100, 120, ReasonKind.Balanced, 256) with { Weight = weight }),
    ];

    [Test]
    public void Reply_with_a_thousand_domains_is_sent()
    {
        Publish(Canned.Publish(Thousand()));
        using BalloonClient client = Client();

        Command managed = Busctl("--json=short", "call", Service, Root, ObjectManager, "GetManagedObjects");

        JsonElement objects = JsonDocument.Parse(managed.Output).RootElement.GetProperty("data")[0];
        Assert.That(objects.EnumerateObject().Count(), Is.EqualTo(1000));
        Assert.That(client.Read().Domains.Select(domain => domain.Domid), Is.EqualTo(Enumerable.Range(1, 1000)));
    }

    [Test]
    public void Client_that_does_not_read_does_not_block_others()
    {
        Publish(Canned.Publish(Thousand()));
        using var stalled = new RawClient(Bus);
        stalled.StopReading();

        for (int i = 0; i < 100; i++) _ = stalled.CallAsync(Root, ObjectManager, "GetManagedObjects");

        using BalloonClient client = Client();
        Assert.That(client.Read().Domains, Has.Length.EqualTo(1000));
        client.SetMode(Core.Settings.BalancerMode.Paused);
        Assert.That(Control.Requests, Does.Contain("mode Paused"));
    }

    [Test]
    public void Clients_that_call_and_do_not_read_do_not_fill_the_memory()
    {
        Publish(Canned.Publish(Thousand()));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        RawClient[] stalled = [.. Enumerable.Range(0, 20).Select(_ => new RawClient(Bus, NobodyUid))];
        foreach (RawClient client in stalled) client.StopReading();

        // All replies together would take more than a gigabyte.
        foreach (RawClient client in stalled)
        {
            for (int i = 0; i < 120; i++) _ = client.CallAsync(Root, ObjectManager, "GetManagedObjects");
        }

        using BalloonClient root = Client();
        Eventually.Holds(() => Succeeds(() => root.Read().Domains.Length == 1000), () => "root gets no reply");
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(300 << 20));
        foreach (RawClient client in stalled) client.Dispose();
    }

    [TestCase(4097, "string of 4097 bytes: expected at most 4096")]
    [TestCase(8192, "message too large: expected at most 8192 bytes")]
    [TestCase(100_000, "message too large: expected at most 8192 bytes")]
    public void Oversized_argument_is_a_short_error(int length, string message)
    {
        Command refused = Call("GetDomain", "s", new string('x', length));

        Assert.That(refused.Error.Trim(), Is.EqualTo($"Call failed: {message}"));
        Assert.That(Server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void Error_quotes_a_part_of_what_a_caller_sent()
    {
        Command refused = Call("GetDomain", "s", new string('x', 4000));

        Assert.That(refused.Error.Trim(), Has.Length.LessThan(600).And.EndsWith("x…"));
    }

    [Test]
    public void Caller_is_authorized_before_its_arguments_are_read() => Assert.That(
        BusctlUnprivileged("call", Service, Root, ManagerInterface, "SetMode", "u", "1").Error,
        Does.Contain("Access denied").Or.Contain("SetMode requires root"));

    [Test]
    public void Duplicate_option_is_an_error() => Assert.That(
        Call("Reserve", "tta{sv}", "4", "4", "2", "timeout", "u", "1", "timeout", "u", "2").Error,
        Does.Contain("duplicate key 'timeout': give it once"));

    [TestCase("Mode", "is read-only")]
    [TestCase("Missing", "no property 'Missing'")]
    public void Property_cannot_be_set(string property, string message) => Assert.That(
        Busctl("set-property", Service, Root, ManagerInterface, property, "s", "paused").Error,
        Does.Contain(message));

    [Test]
    public void Owner_on_a_restarted_bus_is_not_confused_with_a_new_client_of_that_name()
    {
        using var owner = new RawClient(Bus);
        string name = owner.Connection.UniqueName!;
        Core.Reservations.Reservation held = Canned.Reservation(4) with { Owner = Owner(name) };
        Server.Publish(Canned.Host with { Reservations = [held] });
        Bus.Kill();
        Eventually.Holds(() => Server.Completion.IsFaulted, () => "the loss was not detected");
        Bus.Restart();
        RawClient[] clients = [.. Enumerable.Range(0, 6).Select(_ => new RawClient(Bus))];
        Assert.That(clients.Select(client => client.Connection.UniqueName), Does.Contain(name), "the name is reused");

        using BusServer again = Start(Canned.Host with { Reservations = [held] });

        Eventually.Holds(
            () => Control.Requests.Contains("owner left"), () => "the old owner was confused with a new client");
        foreach (RawClient client in clients) client.Dispose();
    }

    [Test]
    public void Owner_without_a_bus_id_is_watched_by_its_name()
    {
        var owner = new RawClient(Bus);
        Core.Reservations.Reservation held = Canned.Reservation(4) with { Owner = owner.Connection.UniqueName! };
        Server.Publish(Canned.Host with { Reservations = [held] });
        string[] getOwner = ["get-property", Service, Root + "/reservation/4", ReservationInterface, "Owner"];
        Eventually.Holds(() => Busctl(getOwner).Status == 0, () => "not published");
        Assert.That(Control.Requests, Is.Empty);

        owner.Dispose();

        Eventually.Holds(() => Control.Requests.Contains("owner left"), () => "the departure was not detected");
    }

    [Test]
    public void Departure_of_a_client_that_holds_a_domain_is_reported()
    {
        var client = new RawClient(Bus);
        string owner = Owner(client.Connection.UniqueName!);
        Server.Publish(Canned.Host with { Holds = [new(Canned.Web.Domain.Identity, owner, TimeSpan.MaxValue)] });

        client.Dispose();

        Eventually.Holds(() => Control.Requests.Contains("owner left"), () => "the departure was not detected");
    }

    [Test]
    public void Departure_of_each_owner_is_reported_once()
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
        Eventually.Holds(() => Busctl(getLast).Status == 0, () => "not published");
        Assert.That(Control.Requests, Is.Empty);

        foreach (RawClient owner in owners) owner.Dispose();

        Eventually.Holds(() => Control.Requests.Count == owners.Length, () => string.Join(' ', Control.Requests));
    }

    [Test]
    public async Task Ten_thousand_denied_calls_have_no_effect()
    {
        using var attacker = new RawClient(Bus, NobodyUid);

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
        Assert.That(Control.Requests, Is.Empty);
        Assert.That(Call("Reload").Status, Is.Zero, "root still gets replies");
    }

    [Test]
    public void Stalled_bus_does_not_block_publishing_and_gets_the_newest_state_later()
    {
        using var monitor = new BusMonitor(Bus);
        Publish(Canned.Publish(Thousand()));
        Bus.Stall();

        for (int weight = 1; weight <= 40; weight++) Server.Publish(Canned.Publish(Thousand(weight)));
        Bus.Resume();

        Eventually.Holds(
            () => Property(Root + "/domain/1000", DomainInterface, "Weight") == "u 40",
            () => "not the newest state");
        Assert.That(
            monitor.Signals("PropertiesChanged"),
            Has.Count.LessThan(10_000),
            "intermediate states are not sent");
    }

    [Test]
    public void Server_on_a_stalled_bus_stops_in_time()
    {
        Bus.Stall();

        Task stopping = Task.Run(Server.Dispose);

        Assert.That(stopping.Wait(TimeSpan.FromSeconds(30)), Is.True);
    }

    [Test]
    public void New_server_starts_on_a_restarted_bus()
    {
        Bus.Kill();
        Eventually.Holds(() => Server.Completion.IsFaulted, () => "the loss was not detected");
        Server.Dispose();

        Bus.Restart();
        using BusServer again = Start(Canned.Host);

        Assert.That(Property(Root, ManagerInterface, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void Loss_of_the_bus_ends_a_wait_of_the_client()
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
    [TestCase(@"\ud800lone", "\ufffdlone")] // escaped, because the test runner would replace it
    [TestCase("tab\tbell\u0007", "tab\tbell\u0007")]
    [TestCase("\u202egnirts \ud83d\ude00 \u0000", "\u202egnirts \ud83d\ude00 \ufffd")]
    public void Characters_that_the_bus_rejects_are_replaced_in_names(string name, string shown)
    {
        using BalloonClient client = Client();

        DomainDecision named =
            Canned.Web with { Domain = Canned.Web.Domain with { Name = Regex.Unescape(name) } };
        Server.Publish(Canned.Publish(Canned.Dom0, named));

        Eventually.Holds(
            () => client.Read().Domains.Any(domain => domain.Name == shown), () => "the name is not published");
        Assert.That(Server.Completion.IsCompleted, Is.False, "the bus did not close the connection");
    }

    [TestCase("\0")]
    [TestCase(@"\ud800")]
    public void Client_stays_connected_after_a_call_with_invalid_characters(string name)
    {
        using BalloonClient client = Client();

        ControlException refused =
            Assert.Throws<ControlException>(() => client.FindDomain(Regex.Unescape(name)));
        Assert.That(refused.Error, Is.EqualTo(ControlError.NoSuchDomain));
        Assert.That(client.FindDomain("web"), Is.EqualTo(3));
    }

    [Test]
    public void Error_message_with_NUL_reaches_the_caller()
    {
        Control.Respond = () => Task.FromException(new ControlException("invalid character '\0'"));
        using BalloonClient client = Client();

        Assert.That(Assert.Throws<ControlException>(client.Reload).Message, Is.EqualTo("invalid character '\ufffd'"));
    }

    private static bool Succeeds(Func<bool> attempt)
    {
        try
        {
            return attempt();
        }
        catch (ControlException)
        {
            return false; // too many calls are pending
        }
    }

    /// <summary>The owner that the daemon records for a caller of Reserve.</summary>
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
        Eventually.Holds(() => Call("GetDomain", "s", $"{last}").Status == 0, () => "the domains are not published");
    }
}
