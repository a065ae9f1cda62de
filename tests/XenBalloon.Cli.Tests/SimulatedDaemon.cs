using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The daemon itself, on the simulated host and a private bus.</summary>
internal sealed class SimulatedDaemon : IDisposable
{
    private readonly PrivateBus bus = new();
    private readonly RunningCommand process;

    internal SimulatedDaemon(string host = "demo")
    {
        string configuration = Path.Combine(bus.Directory, "xenballoon.conf");
        File.WriteAllText(configuration, "[host]\nmode = active\nslack = 64m\nkeep-free = 64m\n");
        process = new RunningCommand(Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon-demo"), Environment, "--config", configuration, "--scenario", host);
        Eventually.Holds(() => XenBalloon("status").Status == 0, () => process.Output);
    }

    /// <summary>
    /// Standard error that tells of nothing but how a reservation comes along: other guests' headroom may hold the
    /// memory when it is asked for.
    /// </summary>
    internal const string OnlyProgress = @"\A(reservation \d+: .*\n)*\z";

    /// <summary>The command.</summary>
    internal static string Program => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon");

    /// <summary>A directory that any user may enter, for the test's files.</summary>
    internal string Directory => bus.Directory;

    /// <summary>What a program has to know to find it.</summary>
    internal Dictionary<string, string?> Environment => new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address };

    /// <summary>Runs the command to its end.</summary>
    internal Command XenBalloon(params string[] arguments) => Command.Run(Program, arguments, Environment);

    /// <summary>The numbers of the open reservations.</summary>
    internal string[] Open() =>
        [.. JsonDocument.Parse(XenBalloon("reservations", "--json").Output).RootElement.GetProperty("reservations").EnumerateArray().Select(one => one.GetProperty("id").GetRawText())];

    /// <summary>Ends it, as a crash would.</summary>
    internal void Kill() => process.Kill();

    public void Dispose()
    {
        process.Dispose();
        bus.Dispose();
    }
}
