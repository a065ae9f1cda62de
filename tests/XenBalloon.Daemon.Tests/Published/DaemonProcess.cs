using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>The published daemon, running.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder log = new();

    /// <summary>The daemon on a simulated host.</summary>
    internal static string OnSimulatedHost => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon-demo");

    internal DaemonProcess(string program, string? busAddress, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = busAddress;
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>What it has said so far, on either stream.</summary>
    internal string Log
    {
        get
        {
            lock (log) return log.ToString();
        }
    }

    internal int Id => process.Id;

    internal bool HasExited => process.HasExited;

    internal void WaitForLog(string text) =>
        Eventually.Holds(() => Log.Contains(text, StringComparison.Ordinal), () => $"the daemon never said '{text}', but: {Log}");

    internal void Send(PosixSignal signal)
    {
        string name = signal == PosixSignal.SIGHUP ? "-HUP" : "-TERM";
        using Process kill = Process.Start("kill", [name, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Waits for its end; its exit status.</summary>
    internal int ExitStatus()
    {
        if (!process.WaitForExit(TimeSpan.FromSeconds(30))) Assert.Fail($"the daemon does not end: {Log}");
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
    }

    private void Append(string? line)
    {
        if (line is null) return;
        lock (log) log.Append(line).Append('\n');
    }
}
