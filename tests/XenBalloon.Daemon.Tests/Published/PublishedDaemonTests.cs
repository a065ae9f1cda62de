using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>The published NativeAOT programs, from the outside: the daemon on the simulated host, on a real bus, asked by busctl and by the command.</summary>
public sealed class PublishedDaemonTests
{
    private const string Service = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1", Manager = Service + ".Manager", Domain = Service + ".Domain";

    private PrivateBus? bus;
    private string? configuration;

    [SetUp]
    public void Start()
    {
        bus = new PrivateBus();
        configuration = Path.GetTempFileName();
        File.WriteAllText(configuration, "[host]\nmode = active\nslack = 64m\nkeep-free = 64m\n");
    }

    [TearDown]
    public void Stop()
    {
        bus.Dispose();
        File.Delete(configuration);
    }

    [Test]
    public void It_moves_memory_to_where_it_is_needed_and_tells_why_on_the_bus()
    {
        using DaemonProcess daemon = Run();
        int grown = 0;
        Eventually.Holds(
            () => (grown = Enumerable.Range(1, 5).FirstOrDefault(domid => Size(domid, "Actual") > 1500 * 1024)) > 0, () => $"no domain ever grew: {daemon.Log}");
        string reason = Get($"{Root}/domain/{grown}", Domain, "Reason");
        Assert.That(reason, Does.Match(@"; in use \d.*; share \d"));
        Assert.That(daemon.Log, Does.Match($@"\w+ \({grown}\): growing \d.* share "));
    }

    [Test]
    public void Host_free_never_goes_below_the_slack()
    {
        using DaemonProcess daemon = Run();
        for (int i = 0; i < 40; i++)
        {
            Assert.That(long.Parse(Get(Root, Manager, "HostFree").Split(' ')[1], CultureInfo.InvariantCulture), Is.GreaterThanOrEqualTo(64 * 1024));
            Thread.Sleep(100);
        }
    }

    [Test]
    public void To_observe_writes_nothing_and_to_be_made_active_starts_at_once()
    {
        File.WriteAllText(configuration, "[host]\nmode = observe\n");
        using DaemonProcess daemon = Run();
        Eventually.Holds(
            () => Enumerable.Range(1, 5).Any(domid => Get($"{Root}/domain/{domid}", Domain, "Reason").Contains("growing", StringComparison.Ordinal)),
            () => $"nobody ever should grow: {daemon.Log}");
        Assert.That(Enumerable.Range(1, 5).Select(domid => Size(domid, "Target")), Has.All.EqualTo(1280 * 1024));
        Assert.That(daemon.Log, Does.Not.Contain("growing"));
        Busctl("call", Service, Root, Manager, "SetMode", "s", "active");
        daemon.WaitForLog("growing");
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void SIGTERM_ends_it_cleanly()
    {
        using DaemonProcess daemon = Run();
        daemon.Send(PosixSignal.SIGTERM);
        Assert.That(daemon.ExitStatus(), Is.Zero, daemon.Log);
        Assert.That(daemon.Log, Does.Contain("stopped; every domain keeps its target"));
    }

    [Test]
    public void SIGHUP_takes_a_good_file_over_and_keeps_the_old_settings_with_a_bad_one()
    {
        using DaemonProcess daemon = Run();
        File.WriteAllText(configuration, "[host]\nmode = observe\nslack = 512\n");
        daemon.Send(PosixSignal.SIGHUP);
        daemon.WaitForLog("the old settings stay");
        Assert.That(daemon.Log, Does.Contain("invalid slack: '512' has no unit"));
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));

        File.WriteAllText(configuration, "[host]\nmode = observe\nslack = 512m\n");
        daemon.Send(PosixSignal.SIGHUP);
        daemon.WaitForLog("configuration reloaded");
        Eventually.Holds(() => Get(Root, Manager, "Mode") == "s \"observe\"" && Get(Root, Manager, "Slack") == "t 524288", () => daemon.Log);
    }

    [Test]
    public void A_second_daemon_says_so_and_leaves_the_first_in_peace()
    {
        using DaemonProcess daemon = Run();
        using var second = new DaemonProcess(DaemonProcess.OnSimulatedHost, bus.Address, Arguments());
        Assert.That(second.ExitStatus(), Is.EqualTo(31), second.Log);
        Assert.That(second.Log.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(second.Log, Does.Contain(Service));
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void Without_a_bus_it_names_the_remedy()
    {
        using var daemon = new DaemonProcess(DaemonProcess.OnSimulatedHost, "unix:path=/nowhere/bus", Arguments());
        Assert.That(daemon.ExitStatus(), Is.EqualTo(30), daemon.Log);
        Assert.That(daemon.Log.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_bus_that_goes_away_does_not_stop_the_balancing()
    {
        using DaemonProcess daemon = Run();
        bus.Kill();
        daemon.WaitForLog("balancing goes on without it");
        int length = daemon.Log.Length;
        Eventually.Holds(() => daemon.Log[length..].Contains("growing", StringComparison.Ordinal), () => daemon.Log);
        daemon.Send(PosixSignal.SIGTERM);
        Assert.That(daemon.ExitStatus(), Is.Zero, daemon.Log);
    }

    [Test]
    public void Daemon_is_back_on_a_bus_that_was_restarted_at_its_address()
    {
        using DaemonProcess daemon = Run();
        bus.Kill();
        daemon.WaitForLog("balancing goes on without it");

        bus.Restart();

        daemon.WaitForLog("the control bus is back");
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void Bus_that_hangs_does_not_stop_the_balancing()
    {
        using DaemonProcess daemon = Run();
        bus.Stall();
        int length = daemon.Log.Length;

        Eventually.Holds(() => daemon.Log[length..].Contains("growing", StringComparison.Ordinal), () => daemon.Log);

        bus.Resume();
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void Daemon_loads_nothing_of_systemd()
    {
        using DaemonProcess daemon = Run();
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));

        string[] loaded = [.. File.ReadLines($"/proc/{daemon.Id}/maps").Where(line => line.Contains(".so", StringComparison.Ordinal))];

        Assert.That(loaded, Is.Not.Empty);
        Assert.That(loaded, Has.None.Contains("systemd").And.None.Contains("dbus"));
    }

    [Test]
    public void A_machine_without_Xen_is_told_so_in_one_line()
    {
        using var daemon = new DaemonProcess(Repository.Program("xenballoond"), bus.Address, ["--config", configuration]);
        Assert.That(daemon.ExitStatus(), Is.EqualTo(20), daemon.Log);
        Assert.That(daemon.Log.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(daemon.Log, Does.Contain("Xen"));
    }

    [Test]
    public void Check_says_ok_or_every_error()
    {
        using (var good = new DaemonProcess(Repository.Program("xenballoond"), null, ["--check", "--config", configuration]))
        {
            Assert.That(good.ExitStatus(), Is.Zero);
            Assert.That(good.Log, Is.EqualTo($"{configuration}: ok\n"));
        }

        File.WriteAllText(configuration, "[host]\nmode = turbo\ncolour = blue\n");
        using var bad = new DaemonProcess(Repository.Program("xenballoond"), null, ["--check", "--config", configuration]);
        Assert.That(bad.ExitStatus(), Is.EqualTo(11));
        Assert.That(bad.Log.Trim().Split('\n'), Has.Length.EqualTo(2));
    }

    [TestCase(10, "--config", "/nowhere/x.conf")]
    [TestCase(2, "--colour")]
    public void A_command_line_that_cannot_be_meant_is_refused(int status, params string[] arguments)
    {
        using var daemon = new DaemonProcess(Repository.Program("xenballoond"), bus.Address, arguments.Contains("--config") ? arguments : [.. arguments, "--config", configuration]);
        Assert.That(daemon.ExitStatus(), Is.EqualTo(status), daemon.Log);
        Assert.That(daemon.Log, Does.StartWith("xenballoond: "));
        Assert.That(daemon.Log, Does.Not.Contain("   at "), "no stack trace");
    }

    [Test]
    public void systemd_hears_that_it_is_ready_that_it_lives_and_that_it_stops()
    {
        string path = Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():N}");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.ReceiveTimeout = 30_000;
        using var daemon = new DaemonProcess(DaemonProcess.OnSimulatedHost, bus.Address, Arguments(), new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path });
        Assert.That(Receive(socket), Is.EqualTo("READY=1"));
        Assert.That(Receive(socket), Does.StartWith("WATCHDOG=1\nSTATUS=mode Active: 6 domains"));
        daemon.Send(PosixSignal.SIGTERM);
        string last = "";
        while (last != "STOPPING=1") last = Receive(socket);
        Assert.That(daemon.ExitStatus(), Is.Zero);
        File.Delete(path);
    }

    [Test]
    public void The_command_lists_what_the_daemon_shows()
    {
        using DaemonProcess daemon = Run();
        Command list = Command.Run(
            Repository.Program("xenballoon"), ["list", "--json"], new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address });
        Assert.That(list.Status, Is.Zero, list.Error);
        JsonElement json = JsonDocument.Parse(list.Output).RootElement;
        JsonElement[] domains = [.. (json.ValueKind == JsonValueKind.Array ? json : json.GetProperty("domains")).EnumerateArray()];
        Assert.That(domains.Select(domain => domain.GetProperty("name").GetString()), Is.SupersetOf(new[] { "web1", "web2", "db", "build", "cache" }));
    }

    private DaemonProcess Run()
    {
        var daemon = new DaemonProcess(DaemonProcess.OnSimulatedHost, bus.Address, Arguments());
        daemon.WaitForLog("on simulated (demo), mode");
        return daemon;
    }

    private string[] Arguments() => ["--config", configuration];

    private long Size(int domid, string property) =>
        long.Parse(Get($"{Root}/domain/{domid}", Domain, property).Split(' ')[1], CultureInfo.InvariantCulture);

    private string Get(string path, string iface, string property) => Busctl("get-property", Service, path, iface, property);

    private string Busctl(params string[] arguments)
    {
        Command command = Command.Run("busctl", [$"--address={bus.Address}", .. arguments]);
        Assert.That(command.Status, Is.Zero, command.Error);
        return command.Output.Trim();
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
