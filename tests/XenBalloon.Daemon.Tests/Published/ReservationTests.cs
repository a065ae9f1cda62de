using System.Diagnostics;
using System.Text.Json;
using XenBalloon.Testing;
using static XenBalloon.Daemon.Tests.Published.SimulatedHostDaemon;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>Reservations over the bus: clients that die, a daemon that dies, and many requests at once.</summary>
public sealed class ReservationTests
{
    private const long MiB = 1024;

    private static readonly string[] Persistent = ["persistent", "b", "true"];

    private SimulatedHostDaemon daemon;
    private BusMonitor monitor;

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
    public void Killed_client_loses_its_reservation_and_persistent_ones_stay()
    {
        string lasting = daemon.Reserve(100 * MiB, 100 * MiB, Persistent);
        using Process client = Client("128m");
        string path = Single(each => each.Text("State") == "ready" && each.Number("Minimum") == 128 * MiB);

        client.Kill();

        JsonElement signal = monitor.WaitFor("ReservationFailed", 1)[0].GetProperty("payload").GetProperty("data");
        Assert.That((signal[0].GetString(), signal[1].GetString()), Is.EqualTo((path, "owner-left")));
        Eventually.Holds(
            () => !daemon.Reservations().ContainsKey(path) && daemon.Host().Number("Reserved") == 100 * MiB,
            () => daemon.Log);
        Assert.That(daemon.Reservations()[lasting].Text("State"), Is.EqualTo("ready"));
    }

    [Test]
    public void Client_that_leaves_while_memory_is_gathered_ends_its_reservation()
    {
        daemon.Reserve(2048 * MiB, 2048 * MiB);

        Assert.That(monitor.WaitFor("ReservationFailed", 1)[0].ToString(), Does.Contain("owner-left"));
        Eventually.Holds(
            () => daemon.Reservations().Count == 0 && daemon.Host().Number("Reserved") == 0, () => daemon.Log);
    }

    [Test]
    public void Ten_reservations_at_once_never_hold_the_same_memory()
    {
        string[] paths = new string[10];
        Parallel.For(0, paths.Length, i => paths[i] = daemon.Reserve(100 * MiB, 200 * MiB, Persistent));
        Assert.That(paths, Is.Unique);
        int ready = 0;
        Eventually.Holds(
            () =>
            {
                JsonElement host = daemon.Host();
                long promised = host.Number("Reserved") + host.Number("Slack");
                Assert.That(promised, Is.LessThanOrEqualTo(host.Number("HostFree")));
                IReadOnlyDictionary<string, JsonElement> all = daemon.Reservations();
                Assert.That(all.Values.Select(each => each.Number("Held")), Is.All.InRange(0, 200 * MiB));
                ready = Math.Max(ready, all.Values.Count(each => each.Text("State") == "ready"));
                return ready == paths.Length;
            },
            () => $"no more than {ready} are ready: {daemon.Log}");

        foreach (string path in paths) daemon.Call(path, Reservation, "Cancel");
        Eventually.Holds(() => daemon.Host().Number("Reserved") == 0, () => daemon.Log);
        List<(long Held, long Reserved, long Free)> passes = ReservationTrace.Of(monitor.Messages).Passes;
        Assert.That(passes, Has.Count.GreaterThan(2));
        Assert.That(passes.Select(pass => pass.Held - pass.Reserved), Is.All.Zero);
        Assert.That(passes.Select(pass => pass.Free - pass.Held), Is.All.GreaterThanOrEqualTo(64 * MiB));
    }

    [Test]
    public void After_a_crash_persistent_reservations_are_held_again_and_numbers_are_not_reused()
    {
        string first = daemon.Reserve(100 * MiB, 100 * MiB, [.. Persistent, "for", "s", "big"]);
        string second = daemon.Reserve(150 * MiB, 200 * MiB, Persistent);
        string last = daemon.Reserve(100 * MiB, 100 * MiB, Persistent);
        daemon.Call(last, Reservation, "Cancel");
        using Process client = Client("50m");
        string clients = Single(each => each.Number("Minimum") == 50 * MiB);

        daemon.Kill();
        client.Kill();
        client.WaitForExit();
        daemon.Restart();

        Eventually.Holds(
            () => daemon.Reservations() is { Count: 2 } all && all.Values.All(each => each.Text("State") == "ready"),
            () => daemon.Log);
        Assert.That(daemon.Reservations().Keys, Is.EquivalentTo(new[] { first, second }));
        Assert.That(daemon.Reservations()[first].Text("For"), Is.EqualTo("big"));
        Assert.That(daemon.Host().Number("Reserved"), Is.InRange(250 * MiB, 300 * MiB));
        Assert.That(
            monitor.Signals("ReservationFailed").Select(signal => signal.ToString()),
            Has.Some.Contains($"\"{clients}\",\"owner-left\""),
            "its client left while no daemon ran");
        Assert.That(daemon.Reserve(4, 4, Persistent), Is.EqualTo(Root + "/reservation/5"));
    }

    [Test]
    public void Crash_while_memory_is_gathered_loses_no_reservation()
    {
        string path = daemon.Reserve(1200 * MiB, 1200 * MiB, Persistent);
        Assert.That(daemon.Reservations()[path].Text("State"), Is.EqualTo("gathering"));

        daemon.Kill();
        daemon.Restart();

        Eventually.Holds(() => daemon.Reservations()[path].Text("State") == "ready", () => daemon.Log);
        Assert.That(daemon.Number(path, Reservation, "Held"), Is.EqualTo(1200 * MiB));
    }

    [Test]
    public void Expired_reservation_fails_with_a_reason_and_holds_nothing()
    {
        string path = daemon.Reserve(6000 * MiB, 6000 * MiB, [.. Persistent, "timeout", "u", "1"]);
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.That(daemon.Number(path, Reservation, "Deadline"), Is.InRange(now - 30, now + 2));

        JsonElement signal = monitor.WaitFor("ReservationFailed", 1)[0].GetProperty("payload").GetProperty("data");

        Assert.That((signal[0].GetString(), signal[1].GetString()), Is.EqualTo((path, "expired")));
        Assert.That(
            signal[2].GetString(),
            Does.Contain("not enough memory: free memory and all that domains can give are less than 6000 MiB"));
        Eventually.Holds(
            () => daemon.Reservations().Count == 0 && daemon.Host().Number("Reserved") == 0, () => daemon.Log);
        Assert.That(daemon.Log, Does.Contain("reservation 1 has ended: expired"));
    }

    [Test]
    public void Transferred_reservation_completes_and_does_not_fail()
    {
        string path = daemon.Reserve(64 * MiB, 64 * MiB, Persistent);
        monitor.WaitFor("ReservationReady", 1);

        daemon.Call(path, Reservation, "Transfer", "u", "1");

        Eventually.Holds(() => daemon.Reservations().Count == 0, () => daemon.Log);
        Eventually.Holds(
            () => monitor.Messages.Any(each => each.ToString().Contains("\"completed\"", StringComparison.Ordinal)),
            () => string.Join('\n', monitor.Messages));
        Assert.That(monitor.Signals("ReservationFailed"), Is.Empty);
    }

    [Test]
    public void Cancelled_reservation_is_signalled_and_removed()
    {
        string path = daemon.Reserve(64 * MiB, 64 * MiB, Persistent);

        daemon.Call(path, Reservation, "Cancel");

        Assert.That(monitor.WaitFor("ReservationFailed", 1)[0].ToString(), Does.Contain($"\"{path}\",\"cancelled\""));
        Assert.That(
            daemon.Refusal(path, Reservation, "Cancel").Name,
            Is.EqualTo("org.freedesktop.DBus.Error.UnknownObject").Or.EqualTo(Service + ".Error.NoSuchReservation"));
    }

    /// <summary>The command, which holds a reservation while it runs.</summary>
    private Process Client(string size)
    {
        var start = new ProcessStartInfo(Repository.Program("xenballoon"), ["reserve", size])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = daemon.Bus.Address;
        return Process.Start(start)!;
    }

    /// <summary>Waits for the only reservation that matches.</summary>
    private string Single(Func<JsonElement, bool> matches)
    {
        string? path = null;
        Eventually.Holds(
            () => (path = daemon.Reservations().SingleOrDefault(entry => matches(entry.Value)).Key) is not null,
            () => daemon.Log);
        return path!;
    }
}

/// <summary>
/// Follows all signals of a daemon in their order. The signals of a pass start with the manager's, so a signal of the
/// manager ends the pass before it.
/// </summary>
internal sealed class ReservationTrace
{
    private readonly Dictionary<string, long> held = [];
    private readonly Dictionary<string, long> host = [];

    /// <summary>After each pass: what all reservations hold, the manager's sum, and the host's free memory.</summary>
    internal List<(long Held, long Reserved, long Free)> Passes { get; } = [];

    internal static ReservationTrace Of(IEnumerable<JsonElement> signals)
    {
        var trace = new ReservationTrace();
        foreach (JsonElement signal in signals) trace.Follow(signal);
        return trace;
    }

    private void Follow(JsonElement signal)
    {
        JsonElement data = signal.GetProperty("payload").GetProperty("data");
        string path = signal.GetProperty("path").GetString()!;
        switch (signal.GetProperty("member").GetString())
        {
            case "PropertiesChanged" when path == SimulatedHostDaemon.Root:
                EndPass();
                foreach (JsonProperty changed in data[1].EnumerateObject())
                {
                    if (changed.Name is "HostFree" or "Reserved") host[changed.Name] = Number(changed.Value);
                }

                break;
            case "PropertiesChanged" when data[0].GetString() == SimulatedHostDaemon.Reservation:
                if (data[1].TryGetProperty("Held", out JsonElement now)) held[path] = Number(now);
                break;
            case "InterfacesAdded" when data[1].TryGetProperty(SimulatedHostDaemon.Reservation, out JsonElement added):
                held[data[0].GetString()!] = added.Number("Held");
                break;
            case "InterfacesRemoved":
                held.Remove(data[0].GetString()!);
                break;
        }
    }

    private void EndPass()
    {
        bool known = host.TryGetValue("Reserved", out long reserved) & host.TryGetValue("HostFree", out long free);
        if (known) Passes.Add((held.Values.Sum(), reserved, free));
    }

    private static long Number(JsonElement value) => value.GetProperty("data").GetInt64();
}

/// <summary>Values of properties in the JSON of busctl.</summary>
internal static class JsonProperties
{
    internal static long Number(this JsonElement properties, string name) =>
        properties.GetProperty(name).GetProperty("data").GetInt64();

    internal static string Text(this JsonElement properties, string name) =>
        properties.GetProperty(name).GetProperty("data").GetString()!;
}
