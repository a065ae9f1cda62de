using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The daemon itself, on a simulated host and a private bus.</summary>
internal sealed class SimulatedDaemon : IDisposable
{
    private readonly PrivateBus bus = new();
    private readonly RunningCommand process;

    internal SimulatedDaemon(string host = "demo")
    {
        string configuration = Path.Combine(bus.Directory, "xenballoon.conf");
        File.WriteAllText(configuration, "[host]\nmode = active\nslack = 64m\nkeep-free = 64m\n");
        string demo = Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon-demo");
        process = new RunningCommand(demo, Environment, "--config", configuration, "--scenario", host);
        Eventually.Holds(() => XenBalloon("status").Status == 0, () => process.Output);
    }

    /// <summary>
    /// Standard error with nothing but the progress of a reservation, which appears if the memory is headroom of other
    /// guests at first.
    /// </summary>
    internal const string OnlyProgress = @"\A(reservation \d+: .*\n)*\z";

    /// <summary>The command.</summary>
    internal static string Program => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon");

    /// <summary>A directory that any user may enter, for the test's files.</summary>
    internal string Directory => bus.Directory;

    /// <summary>The environment of programs that use this daemon.</summary>
    internal Dictionary<string, string?> Environment => new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address };

    /// <summary>Runs the command to its end.</summary>
    internal Command XenBalloon(params string[] arguments) => Command.Run(Program, arguments, Environment);

    /// <summary>The numbers of the open reservations.</summary>
    internal string[] OpenReservations()
    {
        JsonElement output = JsonElement.Parse(XenBalloon("reservations", "--json").Output);
        IEnumerable<JsonElement> reservations = output.GetProperty("reservations").EnumerateArray();
        return [.. reservations.Select(reservation => reservation.GetProperty("id").GetRawText())];
    }

    /// <summary>Kills the daemon, as a crash would.</summary>
    internal void Kill() => process.Kill();

    public void Dispose()
    {
        process.Dispose();
        bus.Dispose();
    }
}
