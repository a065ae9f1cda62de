using System.Globalization;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>xenballoond in dom0.</summary>
internal sealed class Daemon
{
    private const string Configuration = "/etc/xenballoon/xenballoon.conf";
    private const string Log = "/var/log/xenballoond.log";
    private readonly XenHost host;
    private readonly string pid;

    private Daemon(XenHost host, string pid)
    {
        this.host = host;
        this.pid = pid;
    }

    /// <summary>Starts the daemon and waits until it is on the bus. <paramref name="settings"/>: further lines for its configuration's [host].</summary>
    public static async Task<Daemon> StartAsync(XenHost host, string mode = "active", int slackMiB = 32, string settings = "")
    {
        await host.WriteFileAsync(
            Configuration, string.Create(CultureInfo.InvariantCulture, $"[host]\nmode = {mode}\nslack = {slackMiB}m\ninterval = 1s\n{settings}\n")).ConfigureAwait(false);
        var pid = await host.RunAsync($"xenballoond --config {Configuration} < /dev/null >> {Log} 2>&1 & echo $!").ConfigureAwait(false);
        var daemon = new Daemon(host, pid.Trim());
        await Poll.UntilAsync("xenballoond is on the bus", async () =>
            await daemon.RunningAsync().ConfigureAwait(false)
                ? (await host.TryAsync("busctl get-property org.xenballoon.Balloon1 /org/xenballoon/Balloon1 org.xenballoon.Balloon1.Manager Mode").ConfigureAwait(false)).ExitCode == 0
                : throw new RigException($"xenballoond ended at start\n{await LogAsync(host).ConfigureAwait(false)}")).ConfigureAwait(false);
        return daemon;
    }

    public static async Task<string> LogAsync(XenHost host) =>
        $"--- xenballoond's log ---\n{(await host.TryAsync($"tail -n 80 {Log} 2>/dev/null").ConfigureAwait(false)).Output}---";

    /// <summary>A property of a guest's object on the bus, without its type letter; null where there is no such object (yet).</summary>
    public static async Task<string?> PropertyAsync(XenHost host, Guest guest, string name)
    {
        var got = await host.TryAsync(
            $"busctl get-property org.xenballoon.Balloon1 /org/xenballoon/Balloon1/domain/{guest.Domid} org.xenballoon.Balloon1.Domain {name}").ConfigureAwait(false);
        return got.ExitCode == 0 ? got.Output.Trim().Split(' ', 2)[1] : null;
    }

    public static async Task<long?> KiBAsync(XenHost host, Guest guest, string name) =>
        await PropertyAsync(host, guest, name).ConfigureAwait(false) is { } value ? long.Parse(value, CultureInfo.InvariantCulture) : null;

    /// <summary>Waits until the daemon has heard these guests' agents.</summary>
    public static async Task AgentsReportAsync(XenHost host, params IEnumerable<Guest> guests)
    {
        foreach (var guest in guests)
            await Poll.UntilAsync($"the agent of {guest.Name} is heard", async () =>
                await PropertyAsync(host, guest, "ReportSource").ConfigureAwait(false) == "\"agent\"").ConfigureAwait(false);
    }

    /// <summary>What the daemon has cost so far.</summary>
    public async Task<Usage> UsageAsync() =>
        Usage.Parse(await host.RunAsync($"cut -d' ' -f1 /proc/uptime; sed 's/.*) //' /proc/{pid}/stat").ConfigureAwait(false));

    /// <summary>Lets a daemon that only looked on begin to balance.</summary>
    public static Task ActivateAsync(XenHost host) => host.RunAsync(
        "busctl call org.xenballoon.Balloon1 /org/xenballoon/Balloon1 org.xenballoon.Balloon1.Manager SetMode s active");

    public async Task<bool> RunningAsync() => (await host.TryAsync($"kill -0 {pid}").ConfigureAwait(false)).ExitCode == 0;

    /// <summary>kill -9: no goodbye.</summary>
    public async Task KillAsync()
    {
        await host.RunAsync($"kill -9 {pid}").ConfigureAwait(false);
        await EndedAsync().ConfigureAwait(false);
    }

    public async Task StopAsync()
    {
        await host.TryAsync($"kill {pid}").ConfigureAwait(false);
        await EndedAsync().ConfigureAwait(false);
    }

    private Task EndedAsync() => Poll.UntilAsync("xenballoond has ended", async () => !await RunningAsync().ConfigureAwait(false));
}

/// <summary>What a process of dom0's has cost up to a moment: its time on a CPU, and its memory now.</summary>
internal sealed record Usage(double AtSeconds, double CpuSeconds, long RssKiB)
{
    // Linux tells times in hundredths of a second, whatever its timer does.
    private const double TicksPerSecond = 100;

    /// <summary>Reads the host's uptime on one line and, on the next, /proc/PID/stat behind the command's name.</summary>
    public static Usage Parse(string text)
    {
        var lines = text.Split('\n');
        var stat = lines[1].Split(' ');
        return new Usage(
            double.Parse(lines[0], CultureInfo.InvariantCulture),
            (long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture)) / TicksPerSecond,
            long.Parse(stat[21], CultureInfo.InvariantCulture) * 4);
    }

    /// <summary>The part of one CPU that was used since then, in percent.</summary>
    public double PercentSince(Usage before) => 100 * (CpuSeconds - before.CpuSeconds) / (AtSeconds - before.AtSeconds);
}
