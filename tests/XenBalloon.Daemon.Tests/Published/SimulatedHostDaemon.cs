using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Published;

/// <summary>The published daemon on the simulated host, with a bus and a state directory of its own, and busctl to ask it.</summary>
internal sealed class SimulatedHostDaemon : IDisposable
{
    internal const string Service = "org.xenballoon.Balloon1", Root = "/org/xenballoon/Balloon1", Manager = Service + ".Manager", Reservation = Service + ".Reservation";

    private readonly string configuration;
    private DaemonProcess daemon;

    /// <summary>Starts it.</summary>
    /// <param name="further">What its configuration says further.</param>
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

    /// <summary>Writes another configuration, to be read with the next start or reload.</summary>
    internal void Configure(string text) => File.WriteAllText(configuration, text);

    /// <summary>Ends the daemon as a crash would.</summary>
    internal void Kill() => daemon.Kill();

    /// <summary>Starts the next daemon on the state that the last one left.</summary>
    internal void Restart()
    {
        daemon.Dispose();
        daemon = Run();
    }

    /// <summary>Calls a method; the answer as busctl shows it.</summary>
    internal string Call(string path, string iface, string method, params string[] arguments)
    {
        Command command = Busctl(["call", Service, path, iface, method, .. arguments]);
        Assert.That(command.Status, Is.Zero, command.Error);
        return command.Output.Trim();
    }

    /// <summary>Calls a method that is refused.</summary>
    internal ErrorReply Refusal(string path, string iface, string method, params string[] arguments) =>
        ErrorReply.Of(Busctl(["call", Service, path, iface, method, .. arguments]));

    /// <summary>Reserves, with a caller that leaves the bus at once.</summary>
    /// <returns>The reservation's path.</returns>
    internal string Reserve(long minimum, long maximum, params string[] options) =>
        Call(Root, Manager, "Reserve", ["tta{sv}", $"{minimum}", $"{maximum}", $"{options.Length / 3}", .. options]).Split('"')[1];

    /// <summary>A number that a property has.</summary>
    internal long Number(string path, string iface, string property)
    {
        Command command = Busctl(["--json=short", "get-property", Service, path, iface, property]);
        return command.Status == 0 ? JsonDocument.Parse(command.Output).RootElement.GetProperty("data").GetInt64() : -1;
    }

    /// <summary>All properties of the manager, at one moment.</summary>
    internal JsonElement Host() => Json(Root, "org.freedesktop.DBus.Properties", "GetAll", "s", Manager)[0];

    /// <summary>All properties of all reservations at one moment, by path.</summary>
    internal IReadOnlyDictionary<string, JsonElement> Reservations() =>
        Json(Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0].EnumerateObject()
            .Where(one => one.Value.TryGetProperty(Reservation, out _))
            .ToDictionary(one => one.Name, one => one.Value.GetProperty(Reservation));

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

    private Command Busctl(string[] arguments) => Command.Run("busctl", [$"--address={Bus.Address}", .. arguments], ErrorReply.Environment);

    private DaemonProcess Run()
    {
        var started = new DaemonProcess(DaemonProcess.OnSimulatedHost, Bus.Address, ["--config", configuration, "--state", StateDirectory]);
        started.WaitForLog("on simulated (demo), mode");
        return started;
    }
}
