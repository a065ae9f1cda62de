using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The program itself, run against a private bus on which a server shows a canned host.</summary>
internal abstract class CommandTests
{
    protected PrivateBus Bus { get; private set; } = null!;

    protected RecordingControl Control { get; private set; } = null!;

    protected BusServer Server { get; private set; } = null!;

    protected static string Program => Path.Combine(TestContext.CurrentContext.TestDirectory, "xenballoon");

    protected Dictionary<string, string?> BusEnvironment => new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = Bus.Address };

    [SetUp]
    public void Serve()
    {
        Bus = new PrivateBus();
        Control = new RecordingControl();
        Server = BusServer.Start(new BusOptions { Address = Bus.Address }, Control, Canned.Host);
    }

    [TearDown]
    public void Stop()
    {
        Server.Dispose();
        Bus.Dispose();
    }

    protected Command XenBalloon(params string[] arguments) => Command.Run(Program, arguments, BusEnvironment);

    /// <summary>Runs the program on a terminal, into which something is typed when it has had time to start.</summary>
    protected Command OnTerminal(int columns, int rows, string arguments, string typed = "", string term = "xterm-256color")
    {
        // Without a shell above it, the program alone has the Ctrl-C.
        string exec = arguments.Contains(';', StringComparison.Ordinal) ? "" : "exec";
        string inside = $"stty cols {columns} rows {rows}; {exec} '{Program}' {arguments}";
        string feed = typed.Length == 0 ? "true" : $"sleep 2; printf '{typed}'";
        Dictionary<string, string?> environment = new(BusEnvironment) { ["TERM"] = term, ["INSIDE"] = inside, ["SHELL"] = "/bin/sh" };
        return Command.Run("sh", ["-c", $"{{ {feed}; }} | exec script -qec \"$INSIDE\" /dev/null"], environment);
    }
}
