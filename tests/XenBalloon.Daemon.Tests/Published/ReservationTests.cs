using System.Diagnostics;
using System.Text.Json;
using XenBalloon.Testing;
using static XenBalloon.Daemon.Tests.Published.SimulatedHostDaemon;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>Reservations from the outside: with clients that die, with a daemon that dies, and many at once.</summary>
public sealed class ReservationTests
{
    private const long MiB = 1024;

    private static readonly string[] Persistent = ["persistent", "b", "true"];

    private SimulatedHostDaemon? daemon;
    private BusMonitor? monitor;

    [SetUp]
    public void Start()
    {
        daemon = new SimulatedHostDaemon();
        monitor = new BusMonitor(daemon.Bus);
    }

    [TearDown]
    public void Stop()
    {
        monitor.Dispose();
        daemon.Dispose();
    }

    [Test]
    public void What_a_client_holds_that_is_killed_is_released_and_what_is_persistent_stays()
    {
        string lasting = daemon.Reserve(100 * MiB, 100 * MiB, Persistent);
        using Process client = Client("128m");
        string its = Single(one => one.Word("State") == "ready" && one.Number("Minimum") == 128 * MiB);

        client.Kill();

        JsonElement told = monitor.WaitFor("ReservationFailed", 1)[0].GetProperty("payload").GetProperty("data");
        Assert.That((told[0].GetString(), told[1].GetString()), Is.EqualTo((its, "owner-left")));
        Eventually.Holds(() => !daemon.Reservations().ContainsKey(its) && daemon.Host().Number("Reserved") == 100 * MiB, () => daemon.Log);
        Assert.That(daemon.Reservations()[lasting].Word("State"), Is.EqualTo("ready"));
    }

    [Test]
    public void A_client_that_leaves_while_memory_is_gathered_for_it_presses_nobody_any_more()
    {
        daemon.Reserve(2048 * MiB, 2048 * MiB);

        Assert.That(monitor.WaitFor("ReservationFailed", 1)[0].ToString(), Does.Contain("owner-left"));
        Eventually.Holds(() => daemon.Reservations().Count == 0 && daemon.Host().Number("Reserved") == 0, () => daemon.Log);
    }

    [Test]
    public void Of_ten_at_once_no_byte_is_promised_twice()
    {
        string[] paths = new string[10];
        Parallel.For(0, paths.Length, i => paths[i] = daemon.Reserve(100 * MiB, 200 * MiB, Persistent));
        Assert.That(paths, Is.Unique);
        int ready = 0;
        Eventually.Holds(
            () =>
            {
                JsonElement host = daemon.Host();
                Assert.That(host.Number("Reserved") + host.Number("Slack"), Is.LessThanOrEqualTo(host.Number("HostFree")));
                IReadOnlyDictionary<string, JsonElement> all = daemon.Reservations();
                Assert.That(all.Values.Select(one => one.Number("Held")), Is.All.InRange(0, 200 * MiB));
                ready = Math.Max(ready, all.Values.Count(one => one.Word("State") == "ready"));
                return ready == paths.Length;
            },
            () => $"no more than {ready} are ready: {daemon.Log}");

        foreach (string path in paths) daemon.Call(path, Reservation, "Cancel");
        Eventually.Holds(() => daemon.Host().Number("Reserved") == 0, () => daemon.Log);
        List<(long Held, long Reserved, long Free)> steps = ReservationTrace.Of(monitor.Messages).Steps;
        Assert.That(steps, Has.Count.GreaterThan(2));
        Assert.That(steps.Select(step => step.Held - step.Reserved), Is.All.Zero);
        Assert.That(steps.Select(step => step.Free - step.Held), Is.All.GreaterThanOrEqualTo(64 * MiB));
    }

    [Test]
    public void After_a_crash_of_the_daemon_what_is_persistent_is_held_again_under_its_number_and_no_number_is_used_again()
    {
        string first = daemon.Reserve(100 * MiB, 100 * MiB, [.. Persistent, "for", "s", "big"]), second = daemon.Reserve(150 * MiB, 200 * MiB, Persistent);
        string last = daemon.Reserve(100 * MiB, 100 * MiB, Persistent);
        daemon.Call(last, Reservation, "Cancel");
        using Process client = Client("50m");
        string clients = Single(one => one.Number("Minimum") == 50 * MiB);

        daemon.Kill();
        client.Kill();
        client.WaitForExit();
        daemon.Restart();

        Eventually.Holds(() => daemon.Reservations() is { Count: 2 } all && all.Values.All(one => one.Word("State") == "ready"), () => daemon.Log);
        Assert.That(daemon.Reservations().Keys, Is.EquivalentTo(new[] { first, second }));
        Assert.That(daemon.Reservations()[first].Word("For"), Is.EqualTo("big"));
        Assert.That(daemon.Host().Number("Reserved"), Is.InRange(250 * MiB, 300 * MiB));
        Assert.That(monitor.Signals("ReservationFailed").Any(one => one.ToString().Contains($"\"{clients}\",\"owner-left\"", StringComparison.Ordinal)), Is.True, "its client left while nobody looked");
        Assert.That(daemon.Reserve(4, 4, Persistent), Is.EqualTo(Root + "/reservation/5"));
    }

    [Test]
    public void A_crash_while_memory_is_gathered_loses_nothing()
    {
        string path = daemon.Reserve(1200 * MiB, 1200 * MiB, Persistent);
        Assert.That(daemon.Reservations()[path].Word("State"), Is.EqualTo("gathering"));

        daemon.Kill();
        daemon.Restart();

        Eventually.Holds(() => daemon.Reservations()[path].Word("State") == "ready", () => daemon.Log);
        Assert.That(daemon.Number(path, Reservation, "Held"), Is.EqualTo(1200 * MiB));
    }

    [Test]
    public void One_whose_deadline_passes_fails_with_a_reason_and_holds_nothing()
    {
        string path = daemon.Reserve(6000 * MiB, 6000 * MiB, [.. Persistent, "timeout", "u", "1"]);
        Assert.That(daemon.Number(path, Reservation, "Deadline"), Is.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 30, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 2));

        JsonElement told = monitor.WaitFor("ReservationFailed", 1)[0].GetProperty("payload").GetProperty("data");

        Assert.That((told[0].GetString(), told[1].GetString()), Is.EqualTo((path, "expired")));
        Assert.That(told[2].GetString(), Does.Contain("all that the others can give does not reach 6000 MiB"));
        Eventually.Holds(() => daemon.Reservations().Count == 0 && daemon.Host().Number("Reserved") == 0, () => daemon.Log);
        Assert.That(daemon.Log, Does.Contain("reservation 1 has ended: Expired"));
    }

    [Test]
    public void One_that_is_given_to_a_domain_completes_and_does_not_fail()
    {
        string path = daemon.Reserve(64 * MiB, 64 * MiB, Persistent);
        monitor.WaitFor("ReservationReady", 1);

        daemon.Call(path, Reservation, "Transfer", "u", "1");

        Eventually.Holds(() => daemon.Reservations().Count == 0, () => daemon.Log);
        Eventually.Holds(() => monitor.Messages.Any(one => one.ToString().Contains("\"completed\"", StringComparison.Ordinal)), () => string.Join('\n', monitor.Messages));
        Assert.That(monitor.Signals("ReservationFailed"), Is.Empty);
    }

    [Test]
    public void One_that_is_cancelled_is_told_of_and_gone()
    {
        string path = daemon.Reserve(64 * MiB, 64 * MiB, Persistent);

        daemon.Call(path, Reservation, "Cancel");

        Assert.That(monitor.WaitFor("ReservationFailed", 1)[0].ToString(), Does.Contain($"\"{path}\",\"cancelled\""));
        Assert.That(daemon.Refusal(path, Reservation, "Cancel").Name, Is.EqualTo("org.freedesktop.DBus.Error.UnknownObject").Or.EqualTo(Service + ".Error.NoSuchReservation"));
    }

    /// <summary>The command, which holds a reservation while it lives.</summary>
    private Process Client(string size)
    {
        var start = new ProcessStartInfo(Repository.Program("xenballoon"), ["reserve", size]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = daemon.Bus.Address;
        return Process.Start(start)!;
    }

    /// <summary>Waits for the one reservation that is so.</summary>
    private string Single(Func<JsonElement, bool> isMeant)
    {
        string? path = null;
        Eventually.Holds(() => (path = daemon.Reservations().SingleOrDefault(one => isMeant(one.Value)).Key) is not null, () => daemon.Log);
        return path!;
    }
}
