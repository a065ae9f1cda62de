using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>A booted Xen host in QEMU. Failures quote its console log.</summary>
internal sealed class XenHost : IAsyncDisposable
{
    // QEMU's speed varies threefold with the load of the machine, so the limits are generous.
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(5);

    // Console messages of a dead host.
    private static readonly string[] FatalMessages =
        ["RIG: failed", "Panic on CPU", "Kernel panic", "Fatal page fault"];

    private readonly Process qemu;
    private readonly string run;
    private readonly CancellationTokenSource stopping = new();
    private ControlChannel? channel;
    private Task watching = Task.CompletedTask;
    private int lastGuest;

    private XenHost(Process qemu, string run)
    {
        this.qemu = qemu;
        this.run = run;
    }

    private string ConsolePath => Path.Combine(run, "console.log");

    /// <param name="options">Variables for the scripts in tests/rig.</param>
    public static async Task<XenHost> BootAsync(params IEnumerable<(string Name, string Value)> options)
    {
        await RigFiles.PrepareAsync(options);
        var run = Directory.CreateTempSubdirectory("xenballoon-rig-").FullName;
        var script = RigFiles.Script("boot", options, run);
        var qemu = Process.Start(script) ?? throw new RigException("cannot start tests/rig/boot");
        var host = new XenHost(qemu, run);
        try
        {
            await host.ConnectAsync();
            return host;
        }
        catch (Exception e)
        {
            var report = host.Console();
            await host.DisposeAsync();
            throw new RigException($"the test host did not start: {e.Message}\n{report}", e);
        }
    }

    /// <summary>Runs a command in dom0, whatever its exit status.</summary>
    public async Task<CommandResult> TryAsync(string command, TimeSpan? limit = null)
    {
        try
        {
            return await channel!.RunAsync(command, limit ?? CommandLimit);
        }
        catch (RigException e)
        {
            throw new RigException($"{e.Message}\n{Console()}", e);
        }
    }

    /// <summary>Runs a command in dom0 that must succeed, and returns its output.</summary>
    public async Task<string> RunAsync(string command) => (await TryAsync(command)).Required();

    /// <summary>The free memory of the hypervisor.</summary>
    public async Task<long> FreeMiBAsync() =>
        long.Parse(
            (await RunAsync("xl info | awk '/^free_memory/ { print $3 }'")).Trim(),
            System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Destroys all guests, and removes the daemon's files and those of a test.</summary>
    public async Task CleanUpAsync() =>
        // First ends the processes of xl that would create a rebooting guest again.
        await RunAsync(
            "killall xl 2>/dev/null; rm -rf /var/lib/xenballoon /var/log/xenballoond.log /tmp/samples /tmp/recorded;"
            + " for n in $(xl list | awk 'NR > 2 { print $1 }'); do xl destroy $n; done");

    /// <summary>Processes, domains and their nodes, for the diagnosis of a failure.</summary>
    public async Task<string> StateAsync() =>
        (await TryAsync(
            "ps -o pid,stat,args | grep -v '\\[.*\\]$'; xl list;"
            + " xenstore-ls -f /local/domain | grep -E '/(memory|data)/'"))
        .Output;

    /// <summary>The text of a file in dom0. It is sent compressed, because the connection is a serial line.</summary>
    public async Task<string> ReadFileAsync(string path)
    {
        var packed = (await TryAsync($"gzip -c '{path}'")).RequiredBytes();
        using var unpacked = new StreamReader(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress));
        return await unpacked.ReadToEndAsync();
    }

    public async Task WriteFileAsync(string path, string text) =>
        await RunAsync(
            $"mkdir -p \"$(dirname '{path}')\" && "
            + $"printf %s '{text.Replace("'", "'\\''", StringComparison.Ordinal)}' > '{path}'");

    /// <summary>A guest name that is unique in this boot, so that each guest has its own log.</summary>
    public string NextGuestName(string role) => $"{role}{Interlocked.Increment(ref lastGuest)}";

    /// <summary>The last messages of Xen and dom0 on the console.</summary>
    public string Console()
    {
        var lines = ConsoleLines();
        return $"--- console of the test host, last lines ---\n{string.Join('\n', lines.TakeLast(40))}\n---";
    }

    public IReadOnlyList<string> ConsoleLines()
    {
        if (!File.Exists(ConsolePath))
            return [];
        using var reader = new StreamReader(
            new FileStream(ConsolePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        channel?.Dispose();
        if (!qemu.HasExited)
            qemu.Kill();
        await qemu.WaitForExitAsync();
        qemu.Dispose();
        stopping.Dispose();
        Directory.Delete(run, recursive: true);
    }

    private async Task ConnectAsync()
    {
        var control = Path.Combine(run, "control");
        for (var limit = Stopwatch.StartNew(); !File.Exists(control); await Task.Delay(50))
            if (qemu.HasExited || limit.Elapsed > BootLimit)
                throw new RigException($"QEMU did not start: {await qemu.StandardError.ReadToEndAsync()}");
        channel = new ControlChannel(control);
        watching = WatchAsync(channel);
        await channel.Ready.WaitAsync(BootLimit);
    }

    /// <summary>Fails all commands as soon as the host is dead, so that no test waits for it.</summary>
    private async Task WatchAsync(ControlChannel line)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (qemu.HasExited)
                line.Break(new RigException($"QEMU ended with status {qemu.ExitCode}"));
            else if (
                ConsoleLines().FirstOrDefault(l =>
                    FatalMessages.Any(d => l.Contains(d, StringComparison.Ordinal))) is { } message)
                line.Break(new RigException($"the test host died: {message}"));
            await Task.Delay(1000, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}

/// <summary>The rig's scripts.</summary>
internal static class RigFiles
{
    public static string Scripts { get; } = Path.GetFullPath(Path.Combine(ThisDirectory(), "..", "..", "rig"));

    /// <summary>Downloads missing packages and builds the image. The exception has the script's output.</summary>
    public static async Task PrepareAsync(IEnumerable<(string Name, string Value)> options)
    {
        await RunAsync("fetch", options);
        await RunAsync("build", options);
    }

    public static ProcessStartInfo Script(
        string name,
        IEnumerable<(string Name, string Value)> options,
        params IEnumerable<string> arguments)
    {
        var script = new ProcessStartInfo(Path.Combine(Scripts, name), arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach (var (variable, value) in options)
            script.Environment[variable] = value;
        return script;
    }

    private static async Task RunAsync(string name, IEnumerable<(string Name, string Value)> options)
    {
        using var process = Process.Start(Script(name, options)) ?? throw new RigException($"cannot start {name}");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new RigException($"tests/rig/{name} failed:\n{errors}{await output}");
    }

    private static string ThisDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
