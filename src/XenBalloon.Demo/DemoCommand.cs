using System.CommandLine;
using XenBalloon.Core.Hosts;
using XenBalloon.Daemon.Startup;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Demo;

/// <summary>The daemon on a simulated host: for the demo and for tests of what is around the daemon.</summary>
internal static class DemoCommand
{
    /// <summary>Reads the command line and runs the daemon until it is told to stop.</summary>
    /// <returns>The exit status.</returns>
    internal static Task<int> RunAsync(string[] arguments)
    {
        var configuration = new Option<string>("--config")
        {
            Description = "The configuration file.",
            HelpName = "FILE",
            Required = true,
        };
        var scenario = new Option<string>("--scenario")
        {
            Description = "The built-in scenario to simulate (demo).",
            HelpName = "NAME",
            DefaultValueFactory = _ => "demo",
        };
        var state = new Option<string?>("--state")
        {
            Description = "Where settings and reservations are kept over a restart (nowhere).",
            HelpName = "DIRECTORY",
        };
        var command = new RootCommand("Runs xenballoond on a simulated host.") { configuration, scenario, state };
        command.SetAction((parsed, cancellation) => DaemonRun.RunAsync(
            new DaemonOptions(parsed.GetRequiredValue(configuration), Check: false, parsed.GetValue(state)),
            new SimulatedDaemonHost(parsed.GetRequiredValue(scenario)),
            cancellation));
        return command.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}

/// <summary>A built-in scenario as the daemon's host.</summary>
internal sealed class SimulatedDaemonHost(string scenarioName) : DaemonHost
{
    /// <inheritdoc/>
    internal override IDisposable? Lock() => null;

    /// <inheritdoc/>
    internal override IXenHost Open(TimeProvider time) =>
        BuiltInScenarios.TryGet(scenarioName, out Scenario? scenario, out string? error)
            ? new SimulatedHost(scenario, time)
            : throw new StartupException(ExitStatus.Usage, error);
}
