using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>
/// The programs from the outside: the daemon on the simulated host and on a real bus, called by busctl and by the
/// command.
/// </summary>
public sealed class PublishedDaemonTests
{
    private const string
        Service = "org.xenballoon.Balloon1",
        Root = "/org/xenballoon/Balloon1",
        Manager = Service + ".Manager",
        Domain = Service + ".Domain";

    private static readonly IEnumerable<int> Domids = Enumerable.Range(1, 5);

    private PrivateBus bus;
    private string configuration;

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
    public void Memory_follows_demand_and_the_bus_has_the_reason()
    {
        using DaemonProcess daemon = Run();
        int grown = 0;
        Eventually.Holds(
            () => (grown = Domids.FirstOrDefault(domid => Size(domid, "Actual") > 1500 * 1024)) > 0,
            () => $"no domain ever grew: {daemon.Log}");
        Assert.That(Reason(grown), Does.Match(@"; in use \d.*; share \d"));
        Assert.That(daemon.Log, Does.Match($@"\w+ \({grown}\): growing \d.* share "));
    }

    [Test]
    public void Host_free_never_goes_below_the_slack()
    {
        using DaemonProcess daemon = Run();
        for (int i = 0; i < 40; i++)
        {
            string free = Get(Root, Manager, "HostFree").Split(' ')[1];
            Assert.That(long.Parse(free, CultureInfo.InvariantCulture), Is.GreaterThanOrEqualTo(64 * 1024));
            Thread.Sleep(100);
        }
    }

    [Test]
    public void Mode_observe_writes_nothing_and_mode_active_starts_at_once()
    {
        File.WriteAllText(configuration, "[host]\nmode = observe\n");
        using DaemonProcess daemon = Run();
        Eventually.Holds(
            () => Domids.Any(domid => Reason(domid).Contains("growing", StringComparison.Ordinal)),
            () => $"no domain was planned to grow: {daemon.Log}");
        Assert.That(Domids.Select(domid => Size(domid, "Target")), Has.All.EqualTo(1280 * 1024));
        Assert.That(daemon.Log, Does.Not.Contain("growing"));
        Busctl("call", Service, Root, Manager, "SetMode", "s", "active");
        daemon.WaitForLog("growing");
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void SIGTERM_stops_the_daemon_with_status_0()
    {
        using DaemonProcess daemon = Run();
        daemon.Send(PosixSignal.SIGTERM);
        Assert.That(daemon.ExitStatus(), Is.Zero, daemon.Log);
        Assert.That(daemon.Log, Does.Contain("stopped; every domain keeps its target"));
    }

    [Test]
    public void SIGHUP_reloads_a_valid_file_and_keeps_the_old_settings_with_an_invalid_one()
    {
        using DaemonProcess daemon = Run();
        File.WriteAllText(configuration, "[host]\nmode = observe\nslack = 512\n");
        daemon.Send(PosixSignal.SIGHUP);
        daemon.WaitForLog("the old settings stay in force");
        Assert.That(daemon.Log, Does.Contain("invalid slack: '512' has no unit"));
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));

        File.WriteAllText(configuration, "[host]\nmode = observe\nslack = 512m\n");
        daemon.Send(PosixSignal.SIGHUP);
        daemon.WaitForLog("configuration reloaded");
        Eventually.Holds(
            () => Get(Root, Manager, "Mode") == "s \"observe\"" && Get(Root, Manager, "Slack") == "t 524288",
            () => daemon.Log);
    }

    [Test]
    public void Second_daemon_fails_and_the_first_is_not_disturbed()
    {
        using DaemonProcess daemon = Run();
        using var second = new DaemonProcess(DaemonProcess.OnSimulatedHost, bus.Address, Arguments());
        Assert.That(second.ExitStatus(), Is.EqualTo(31), second.Log);
        Assert.That(second.Log.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(second.Log, Does.Contain(Service));
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));
    }

    [Test]
    public void Start_without_a_bus_fails_with_one_line()
    {
        using var daemon = new DaemonProcess(DaemonProcess.OnSimulatedHost, "unix:path=/nowhere/bus", Arguments());
        Assert.That(daemon.ExitStatus(), Is.EqualTo(30), daemon.Log);
        Assert.That(daemon.Log.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    [Test]
    public void Lost_bus_does_not_stop_the_balancing()
    {
        using DaemonProcess daemon = Run();
        bus.Kill();
        daemon.WaitForLog("balancing continues without the control bus");
        int length = daemon.Log.Length;
        Eventually.Holds(() => daemon.Log[length..].Contains("growing", StringComparison.Ordinal), () => daemon.Log);
        daemon.Send(PosixSignal.SIGTERM);
        Assert.That(daemon.ExitStatus(), Is.Zero, daemon.Log);
    }

    [Test]
    public void Daemon_connects_to_a_restarted_bus()
    {
        using DaemonProcess daemon = Run();
        bus.Kill();
        daemon.WaitForLog("balancing continues without the control bus");

        bus.Restart();

        daemon.WaitForLog("connected to the control bus again");
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
    public void Daemon_loads_no_library_of_systemd()
    {
        using DaemonProcess daemon = Run();
        Assert.That(Get(Root, Manager, "Mode"), Is.EqualTo("s \"active\""));

        IEnumerable<string> maps = File.ReadLines($"/proc/{daemon.Id}/maps");
        string[] loaded = [.. maps.Where(line => line.Contains(".so", StringComparison.Ordinal))];

        Assert.That(loaded, Is.Not.Empty);
        Assert.That(loaded, Has.None.Contains("systemd").And.None.Contains("dbus"));
    }

    [Test]
    public void Start_without_Xen_fails_with_one_line()
    {
        using var daemon = new DaemonProcess(Repository.Program("xenballoond"), bus.Address, Arguments());
        Assert.That(daemon.ExitStatus(), Is.EqualTo(20), daemon.Log);
        Assert.That(daemon.Log.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(daemon.Log, Does.Contain("Xen"));
    }

    [Test]
    public void Check_prints_ok_or_all_errors_of_the_configuration_and_checks_the_rest_too()
    {
        string program = Repository.Program("xenballoond");
        string[] check = ["--check", "--state", Path.GetTempPath(), .. Arguments()];
        using (var good = new DaemonProcess(program, bus.Address, check))
        {
            Assert.That(good.ExitStatus(), Is.EqualTo(20), good.Log);
            string[] lines = good.Log.Split('\n');
            Assert.That(lines[0], Does.Match("^ok +configuration +" + Regex.Escape(configuration) + ": ok$"));
            Assert.That(lines, Has.Some.Match("^error +xen +Xen: this machine does not run under Xen"));
            Assert.That(lines, Has.Some.Match("^ok +state "));
        }

        File.WriteAllText(configuration, "[host]\nmode = turbo\ncolour = blue\n");
        using var bad = new DaemonProcess(program, bus.Address, check);
        Assert.That(bad.ExitStatus(), Is.EqualTo(11));
        string[] errors = [.. bad.Log.Split('\n').Where(line => line.Contains($"{configuration}:"))];
        Assert.That(errors, Has.Length.EqualTo(2).And.All.Match($"^error +configuration +.*:[23]: "));
    }

    [Test]
    public void Check_changes_nothing_and_finds_a_running_daemon()
    {
        using DaemonProcess daemon = Run();
        using var folder = new TemporaryFolder();
        string state = Path.Combine(folder.Path, "state.json");
        File.WriteAllText(state, "damaged");

        using var check = new DaemonProcess(
            Repository.Program("xenballoond"),
            bus.Address,
            ["--check", "--json", "--state", folder.Path, .. Arguments()]);

        check.ExitStatus();
        JsonElement[] findings = [.. JsonDocument.Parse(check.Log).RootElement.EnumerateArray()];
        string Text(string id) =>
            findings.Single(finding => finding.GetProperty("id").GetString() == id).GetProperty("text").GetString()!;
        Assert.That(Text("bus"), Is.EqualTo("connected"));
        Assert.That(Text("daemon"), Does.Contain("runs in mode active"));
        Assert.That(Text("state"), Does.StartWith("cannot be read: "));
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.EqualTo(new[] { state }));
        Assert.That(File.ReadAllText(state), Is.EqualTo("damaged"));
    }

    [TestCase(10, "--config", "/nowhere/x.conf")]
    [TestCase(2, "--colour")]
    [TestCase(2, "--json")]
    public void Invalid_command_line_is_refused(int status, params string[] arguments)
    {
        string[] all = arguments.Contains("--config") ? arguments : [.. arguments, "--config", configuration];
        using var daemon = new DaemonProcess(Repository.Program("xenballoond"), bus.Address, all);
        Assert.That(daemon.ExitStatus(), Is.EqualTo(status), daemon.Log);
        Assert.That(daemon.Log, Does.StartWith("xenballoond: "));
        Assert.That(daemon.Log, Does.Not.Contain("   at "), "no stack trace");
    }

    [Test]
    public void systemd_is_notified_of_start_passes_and_stop()
    {
        string path = Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():N}");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.ReceiveTimeout = 30_000;
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path };
        using var daemon = new DaemonProcess(DaemonProcess.OnSimulatedHost, bus.Address, Arguments(), environment);
        Assert.That(Receive(socket), Is.EqualTo("READY=1"));
        Assert.That(Receive(socket), Does.StartWith("WATCHDOG=1\nSTATUS=mode active: 6 domains"));
        daemon.Send(PosixSignal.SIGTERM);
        string last = "";
        while (last != "STOPPING=1") last = Receive(socket);
        Assert.That(daemon.ExitStatus(), Is.Zero);
        File.Delete(path);
    }

    /// <summary>A terminal that is stopped with Ctrl-S is such a log.</summary>
    [Test]
    public void Log_that_nobody_reads_stops_neither_the_balancing_nor_the_end()
    {
        using var folder = new TemporaryFolder();
        const string Script = "mkfifo log; exec 3<> log; head -c 65536 /dev/zero >&3; exec \"$@\" 2>&3";
        string[] program = ["-c", $"cd '{folder.Path}'; {Script}", "-", DaemonProcess.OnSimulatedHost, .. Arguments()];
        using var daemon = new DaemonProcess("bash", bus.Address, program);
        Eventually.Holds(() => IsBalanced(), () => "it is not on the bus");
        daemon.Send(PosixSignal.SIGHUP);
        for (int i = 0; i < 5; i++) Assert.That(IsBalanced(), Is.True);
        daemon.Send(PosixSignal.SIGTERM);
        daemon.ExitStatus();

        bool IsBalanced() =>
            Command.Run("busctl", [$"--address={bus.Address}", "call", Service, Root, Manager, "Balance"]).Status == 0;
    }

    [Test]
    public void Bus_that_hangs_does_not_keep_the_daemon_from_ending()
    {
        using DaemonProcess daemon = Run();
        bus.Stall();
        long began = Stopwatch.GetTimestamp();
        daemon.Send(PosixSignal.SIGTERM);
        Assert.That(daemon.ExitStatus(), Is.EqualTo(1), "it is forced to end");
        TestContext.Out.WriteLine($"the daemon ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
    }

    [Test]
    public void Command_lists_the_domains_of_the_daemon()
    {
        using DaemonProcess daemon = Run();
        Command list = Command.Run(
            Repository.Program("xenballoon"),
            ["list", "--json"],
            new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address });
        Assert.That(list.Status, Is.Zero, list.Error);
        JsonElement json = JsonDocument.Parse(list.Output).RootElement;
        JsonElement domains = json.ValueKind == JsonValueKind.Array ? json : json.GetProperty("domains");
        Assert.That(
            domains.EnumerateArray().Select(domain => domain.GetProperty("name").GetString()),
            Is.SupersetOf(new[] { "web1", "web2", "db", "build", "cache" }));
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

    private string Reason(int domid) => Get($"{Root}/domain/{domid}", Domain, "Reason");

    private string Get(string path, string iface, string property) =>
        Busctl("get-property", Service, path, iface, property);

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
