using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>xenballoond in dom0.</summary>
internal sealed class Daemon
{
    private const string Configuration = "/etc/xenballoon/xenballoon.conf";
    private const string Log = "/var/log/xenballoond.log";
    private const string Name = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1";
    private readonly XenHost host;
    private readonly string pid;

    private Daemon(XenHost host, string pid)
    {
        this.host = host;
        this.pid = pid;
    }

    /// <summary>Starts the daemon and waits until it is on the bus.</summary>
    /// <param name="host">The test host.</param>
    /// <param name="mode">The setting <c>mode</c>.</param>
    /// <param name="slackMiB">The setting <c>slack</c>.</param>
    /// <param name="settings">More lines for the section [host].</param>
    public static async Task<Daemon> StartAsync(
        XenHost host,
        string mode = "active",
        int slackMiB = 32,
        string settings = "")
    {
        var slack = slackMiB.ToString(CultureInfo.InvariantCulture);
        await host.WriteFileAsync(
            Configuration, $"[host]\nmode = {mode}\nslack = {slack}m\ninterval = 1s\n{settings}\n");
        var pid = await host.RunAsync($"xenballoond --config {Configuration} < /dev/null >> {Log} 2>&1 & echo $!");
        var daemon = new Daemon(host, pid.Trim());
        await Poll.UntilAsync("xenballoond is on the bus", async () =>
            await daemon.RunningAsync()
                ? (await host.TryAsync($"busctl get-property {Name} {Root} {Name}.Manager Mode")).ExitCode == 0
                : throw new RigException($"xenballoond ended at its start\n{await LogAsync(host)}"));
        return daemon;
    }

    public static async Task<string> LogAsync(XenHost host) =>
        $"--- xenballoond's log ---\n{(await host.TryAsync($"tail -n 80 {Log} 2>/dev/null")).Output}---";

    /// <summary>
    /// A property of a guest's object on the bus, without its type letter; null if the object does not exist.
    /// </summary>
    public static async Task<string?> PropertyAsync(XenHost host, Guest guest, string name)
    {
        var got = await host.TryAsync(
            $"busctl get-property {Name} {Root}/domain/{guest.Domid} {Name}.Domain {name}");
        return got.ExitCode == 0 ? got.Output.Trim().Split(' ', 2)[1] : null;
    }

    public static async Task<long?> KiBAsync(XenHost host, Guest guest, string name) =>
        await PropertyAsync(host, guest, name) is { } value ? long.Parse(value, CultureInfo.InvariantCulture) : null;

    /// <summary>Waits until the daemon shows reports of these guests' agents.</summary>
    public static async Task AgentsReportAsync(XenHost host, params IEnumerable<Guest> guests)
    {
        foreach (var guest in guests)
            await Poll.UntilAsync($"the daemon has a report of the agent of {guest.Name}", async () =>
                await PropertyAsync(host, guest, "ReportSource") == "\"agent\"");
    }

    /// <summary>The CPU time that the daemon has used, and its memory.</summary>
    public async Task<Usage> UsageAsync() =>
        Usage.Parse(await host.RunAsync($"cut -d' ' -f1 /proc/uptime; sed 's/.*) //' /proc/{pid}/stat"));

    /// <summary>Switches the daemon from observe to active mode.</summary>
    public static Task ActivateAsync(XenHost host) => host.RunAsync(
        $"busctl call {Name} {Root} {Name}.Manager SetMode s active");

    public async Task<bool> RunningAsync() => (await host.TryAsync($"kill -0 {pid}")).ExitCode == 0;

    /// <summary>Ends the daemon with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await host.RunAsync($"kill -9 {pid}");
        await EndedAsync();
    }

    public async Task StopAsync()
    {
        await host.TryAsync($"kill {pid}");
        await EndedAsync();
    }

    private Task EndedAsync() => Poll.UntilAsync("xenballoond has ended", async () => !await RunningAsync());
}

/// <summary>The CPU time of a process in dom0 up to a moment, and its memory then.</summary>
internal sealed record Usage(double AtSeconds, double CpuSeconds, long RssKiB)
{
    // Linux reports times in hundredths of a second, whatever the timer frequency is.
    private const double TicksPerSecond = 100;

    /// <summary>Parses two lines: the host's uptime, and the fields of /proc/PID/stat after the command name.</summary>
    public static Usage Parse(string text)
    {
        var lines = text.Split('\n');
        var stat = lines[1].Split(' ');
        return new Usage(
            double.Parse(lines[0], CultureInfo.InvariantCulture),
            (Number(stat[11]) + Number(stat[12])) / TicksPerSecond,
            Number(stat[21]) * 4);

        static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
    }

    /// <summary>The share of one CPU used since then, in percent.</summary>
    public double PercentSince(Usage before) => 100 * (CpuSeconds - before.CpuSeconds) / (AtSeconds - before.AtSeconds);
}
