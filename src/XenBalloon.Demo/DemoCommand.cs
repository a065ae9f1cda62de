using System.CommandLine;
using XenBalloon.Core.Hosts;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.Startup;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Demo;

/// <summary>The daemon on a simulated host, for the demo and for tests of the command and the bus.</summary>
internal static class DemoCommand
{
    private const int UsageError = 2;

    /// <summary>Parses the command line and runs the daemon until SIGTERM or SIGINT.</summary>
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
            Recursive = true,
        };
        var state = new Option<string?>("--state")
        {
            Description = "The directory of the state file (none).",
            HelpName = "DIRECTORY",
        };
        var describe = new Command("describe", "Describe the guests of the scenario.");
        describe.SetAction(parsed => Describe(parsed.GetRequiredValue(scenario)));
        var command = new RootCommand("Run xenballoond on a simulated host.")
        {
            configuration, scenario, state, describe,
        };
        command.SetAction((parsed, cancellation) => DaemonRun.RunAsync(
            new DaemonOptions(parsed.GetRequiredValue(configuration), Check: false, parsed.GetValue(state)),
            new SimulatedDaemonHost(parsed.GetRequiredValue(scenario)),
            cancellation));
        return command.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static int Describe(string name)
    {
        if (!BuiltInScenarios.TryGet(name, out Scenario? scenario, out string? error))
        {
            Console.Error.WriteLine($"xenballoon-demo: {error}");
            return UsageError;
        }

        Console.Out.Write(new DemoGuide(scenario).Text());
        return 0;
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
