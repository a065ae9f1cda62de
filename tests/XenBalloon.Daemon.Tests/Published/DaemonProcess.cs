using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>A running daemon.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder log = new();

    /// <summary>The daemon on a simulated host.</summary>
    internal static string OnSimulatedHost => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon-demo");

    internal DaemonProcess(
        string program,
        string? busAddress,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = busAddress;
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>The output so far, of both streams.</summary>
    internal string Log
    {
        get
        {
            lock (log) return log.ToString();
        }
    }

    internal int Id => process.Id;

    internal bool HasExited => process.HasExited;

    internal void WaitForLog(string text) => Eventually.Holds(
        () => Log.Contains(text, StringComparison.Ordinal), () => $"the daemon did not log '{text}', but: {Log}");

    internal void Send(PosixSignal signal)
    {
        string name = signal == PosixSignal.SIGHUP ? "-HUP" : "-TERM";
        using Process kill = Process.Start("kill", [name, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Waits for the exit status.</summary>
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

/// <summary>A daemon on the simulated host, with its own bus and state directory, called by busctl.</summary>
internal sealed class SimulatedHostDaemon : IDisposable
{
    internal const string
        Service = "org.xenballoon.Balloon1",
        Root = "/org/xenballoon/Balloon1",
        Manager = Service + ".Manager",
        Reservation = Service + ".Reservation";

    private readonly string configuration;
    private DaemonProcess daemon;

    /// <summary>Starts it.</summary>
    /// <param name="further">More lines of its configuration.</param>
    internal SimulatedHostDaemon(string further = "")
    {
        configuration = Path.Combine(Bus.Directory, "xenballoon.conf");
        Configure($"[host]\nmode = active\nslack = 64m\nkeep-free = 64m\n{further}");
        daemon = Run();
    }

    internal PrivateBus Bus { get; } = new();

    internal string StateDirectory => Path.Combine(Bus.Directory, "lib", "xenballoon");

    internal string Log => daemon.Log;

    internal int Id => daemon.Id;

    /// <summary>Writes the configuration; the next start or reload reads it.</summary>
    internal void Configure(string text) => File.WriteAllText(configuration, text);

    /// <summary>Kills the daemon.</summary>
    internal void Kill() => daemon.Kill();

    /// <summary>Starts another daemon with the same state directory.</summary>
    internal void Restart()
    {
        daemon.Dispose();
        daemon = Run();
    }

    /// <summary>Calls a method; returns the reply as busctl prints it.</summary>
    internal string Call(string path, string iface, string method, params string[] arguments)
    {
        Command command = Busctl(["call", Service, path, iface, method, .. arguments]);
        Assert.That(command.Status, Is.Zero, command.Error);
        return command.Output.Trim();
    }

    /// <summary>Calls a method and returns the error.</summary>
    internal ErrorReply Refusal(string path, string iface, string method, params string[] arguments) =>
        ErrorReply.Of(Busctl(["call", Service, path, iface, method, .. arguments]));

    /// <summary>Reserves memory for a client that leaves the bus at once.</summary>
    /// <returns>The reservation's path.</returns>
    internal string Reserve(long minimum, long maximum, params string[] options) =>
        Call(Root, Manager, "Reserve", ["tta{sv}", $"{minimum}", $"{maximum}", $"{options.Length / 3}", .. options])
            .Split('"')[1];

    /// <summary>The value of a numeric property; -1 if there is none.</summary>
    internal long Number(string path, string iface, string property)
    {
        Command command = Busctl(["--json=short", "get-property", Service, path, iface, property]);
        return command.Status == 0 ? JsonDocument.Parse(command.Output).RootElement.GetProperty("data").GetInt64() : -1;
    }

    /// <summary>All properties of the manager.</summary>
    internal JsonElement Host() => Json(Root, "org.freedesktop.DBus.Properties", "GetAll", "s", Manager)[0];

    /// <summary>All properties of all reservations, by path.</summary>
    internal IReadOnlyDictionary<string, JsonElement> Reservations() =>
        Json(Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0].EnumerateObject()
            .Where(entry => entry.Value.TryGetProperty(Reservation, out _))
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetProperty(Reservation));

    public void Dispose()
    {
        daemon.Dispose();
        Bus.Dispose();
    }

    private JsonElement Json(string path, string iface, string method, params string[] arguments)
    {
        Command command = Busctl(["--json=short", "call", Service, path, iface, method, .. arguments]);
        Assert.That(command.Status, Is.Zero, command.Error);
        return JsonDocument.Parse(command.Output).RootElement.GetProperty("data");
    }

    private Command Busctl(string[] arguments) =>
        Command.Run("busctl", [$"--address={Bus.Address}", .. arguments], ErrorReply.Environment);

    private DaemonProcess Run()
    {
        string[] arguments = ["--config", configuration, "--state", StateDirectory];
        var started = new DaemonProcess(DaemonProcess.OnSimulatedHost, Bus.Address, arguments);
        started.WaitForLog("on simulated (demo), mode");
        return started;
    }
}
