using XenBalloon.Bus.Server;
using XenBalloon.Core;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The program itself, against a private bus with the server of a canned host.</summary>
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

    /// <summary>The reason of a domain of <see cref="Canned.Host"/>, as the daemon shows it.</summary>
    protected static string ReasonOf(DomainDecision decision) =>
        decision.Reason.Explain(Canned.Host.Plan.Host, Canned.Host.Settings);

    protected Command XenBalloon(params string[] arguments) => Command.Run(Program, arguments, BusEnvironment);

    /// <summary>Runs the program on a terminal and types something after two seconds.</summary>
    protected Command OnTerminal(
        int columns, int rows, string arguments, string typed = "", string term = "xterm-256color")
    {
        // With exec, no shell is in the foreground that would get the Ctrl-C too.
        string exec = arguments.Contains(';', StringComparison.Ordinal) ? "" : "exec";
        string inside = $"stty cols {columns} rows {rows}; {exec} '{Program}' {arguments}";
        string feed = typed.Length == 0 ? "true" : $"sleep 2; printf '{typed}'";
        Dictionary<string, string?> environment = new(BusEnvironment)
        {
            ["TERM"] = term,
            ["INSIDE"] = inside,
            ["SHELL"] = "/bin/sh",
        };
        return Command.Run("sh", ["-c", $"{{ {feed}; }} | exec script -qec \"$INSIDE\" /dev/null"], environment);
    }
}
