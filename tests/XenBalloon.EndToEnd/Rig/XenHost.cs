using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>A Xen host in QEMU, booted and ready. What happens to it is in its console log, which every failure quotes.</summary>
internal sealed class XenHost : IAsyncDisposable
{
    // QEMU's speed varies threefold with what else the machine does, so no limit here is a measure of anything.
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(2);

    // Lines on the console after which nothing good comes any more.
    private static readonly string[] FatalMessages = ["RIG: failed", "Panic on CPU", "Kernel panic", "Fatal page fault"];

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

    /// <param name="options">Variables for tests/rig/boot.</param>
    public static async Task<XenHost> BootAsync(params IEnumerable<(string Name, string Value)> options)
    {
        await RigFiles.PrepareAsync().ConfigureAwait(false);
        var run = Directory.CreateTempSubdirectory("xenballoon-rig-").FullName;
        var script = RigFiles.Script("boot", run);
        foreach (var (name, value) in options)
            script.Environment[name] = value;
        var qemu = Process.Start(script) ?? throw new RigException("cannot start tests/rig/boot");
        var host = new XenHost(qemu, run);
        try
        {
            await host.ConnectAsync().ConfigureAwait(false);
            return host;
        }
        catch (Exception e)
        {
            var report = host.Console();
            await host.DisposeAsync().ConfigureAwait(false);
            throw new RigException($"the test host did not come up: {e.Message}\n{report}", e);
        }
    }

    /// <summary>Runs a command in dom0, whatever its exit status.</summary>
    public async Task<CommandResult> TryAsync(string command, TimeSpan? limit = null)
    {
        try
        {
            return await channel!.RunAsync(command, limit ?? CommandLimit).ConfigureAwait(false);
        }
        catch (RigException e)
        {
            throw new RigException($"{e.Message}\n{Console()}", e);
        }
    }

    /// <summary>Runs a command in dom0 that must succeed, and gives its output.</summary>
    public async Task<string> RunAsync(string command) => (await TryAsync(command).ConfigureAwait(false)).Required();

    /// <summary>A file of dom0's as text. It travels compressed: the line is a serial one.</summary>
    public async Task<string> ReadFileAsync(string path)
    {
        var packed = (await TryAsync($"gzip -c '{path}'").ConfigureAwait(false)).RequiredBytes();
        using var unpacked = new StreamReader(new System.IO.Compression.GZipStream(new MemoryStream(packed), System.IO.Compression.CompressionMode.Decompress));
        return await unpacked.ReadToEndAsync().ConfigureAwait(false);
    }

    public async Task WriteFileAsync(string path, string text) =>
        await RunAsync($"mkdir -p \"$(dirname '{path}')\" && echo {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text))} | base64 -d > '{path}'").ConfigureAwait(false);

    /// <summary>A name that no guest of this boot has had, so that logs never mix.</summary>
    public string NextGuestName(string role) => $"{role}{Interlocked.Increment(ref lastGuest)}";

    /// <summary>The end of the console: Xen's and dom0's words.</summary>
    public string Console()
    {
        var lines = ConsoleLines();
        return $"--- console of the test host, last lines ---\n{string.Join('\n', lines.TakeLast(40))}\n---";
    }

    public IReadOnlyList<string> ConsoleLines()
    {
        if (!File.Exists(ConsolePath))
            return [];
        using var reader = new StreamReader(new FileStream(ConsolePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        channel?.Dispose();
        if (!qemu.HasExited)
            qemu.Kill();
        await qemu.WaitForExitAsync().ConfigureAwait(false);
        qemu.Dispose();
        stopping.Dispose();
        Directory.Delete(run, recursive: true);
    }

    private async Task ConnectAsync()
    {
        var control = Path.Combine(run, "control");
        for (var limit = Stopwatch.StartNew(); !File.Exists(control); await Task.Delay(50).ConfigureAwait(false))
            if (qemu.HasExited || limit.Elapsed > BootLimit)
                throw new RigException($"QEMU did not start: {await qemu.StandardError.ReadToEndAsync().ConfigureAwait(false)}");
        channel = new ControlChannel(control);
        watching = WatchAsync(channel);
        await channel.Ready.WaitAsync(BootLimit).ConfigureAwait(false);
    }

    /// <summary>Breaks the line as soon as the host is dead, so that no test waits for it.</summary>
    private async Task WatchAsync(ControlChannel line)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (qemu.HasExited)
                line.Break(new RigException($"QEMU ended with status {qemu.ExitCode}"));
            else if (ConsoleLines().FirstOrDefault(l => FatalMessages.Any(d => l.Contains(d, StringComparison.Ordinal))) is { } message)
                line.Break(new RigException($"the test host died: {message}"));
            await Task.Delay(TimeSpan.FromSeconds(1), stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }
    }
}

/// <summary>Where the rig's scripts are, and running them.</summary>
internal static class RigFiles
{
    public static string Scripts { get; } = Path.GetFullPath(Path.Combine(ThisDirectory(), "..", "..", "rig"));

    /// <summary>Downloads what is missing and makes the image; a failure carries the script's own words.</summary>
    public static async Task PrepareAsync()
    {
        await RunAsync("fetch").ConfigureAwait(false);
        await RunAsync("build").ConfigureAwait(false);
    }

    public static ProcessStartInfo Script(string name, params IEnumerable<string> arguments) =>
        new(Path.Combine(Scripts, name), arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };

    private static async Task RunAsync(string name)
    {
        using var process = Process.Start(Script(name)) ?? throw new RigException($"cannot start {name}");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new RigException($"tests/rig/{name} failed:\n{errors}{await output.ConfigureAwait(false)}");
    }

    private static string ThisDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}

/// <summary>The message of a non-PV guest that QEMU itself causes: a triple fault whose dumped "guest" state is the hypervisor's. tests/rig/README.md.</summary>
internal static class EmulatorFault
{
    public static bool In(IReadOnlyList<string> console) =>
        console.Any(line => line.Contains("Triple fault", StringComparison.Ordinal)) && console.Any(line => line.Contains("RIP:    e008:", StringComparison.Ordinal));
}
