using System.CommandLine;

namespace XenBalloon.Daemon.Startup;

/// <summary>The program's command line.</summary>
internal static class DaemonCommand
{
    private const string DefaultConfigurationPath = "/etc/xenballoon/xenballoon.conf";

    private const string DefaultStateDirectory = "/var/lib/xenballoon";

    /// <summary>Reads the command line and runs the daemon until it is told to stop.</summary>
    /// <returns>The exit status.</returns>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var configuration = new Option<string>("--config")
        {
            Description = "The configuration file.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DefaultConfigurationPath,
        };
        var check = new Option<bool>("--check") { Description = "Check the configuration, say what is wrong with it, and exit." };
        var state = new Option<string?>("--state")
        {
            Description = $"Where settings and reservations are kept over a restart ({DefaultStateDirectory}).",
            HelpName = "DIRECTORY",
        };
        var command = new RootCommand("Balances memory between the domains of this Xen host.") { configuration, check, state };
        command.SetAction((parsed, cancellation) => DaemonRun.RunAsync(
            new DaemonOptions(
                parsed.GetRequiredValue(configuration),
                parsed.GetValue(check),
                parsed.GetValue(state) ?? DefaultStateDirectory),
            new LocalXen(),
            cancellation));

        ParseResult result = command.Parse(arguments);
        if (result.Errors.Count == 0) return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
        foreach (var error in result.Errors) await Console.Error.WriteLineAsync($"xenballoond: {error.Message}").ConfigureAwait(false);
        await Console.Error.WriteLineAsync("xenballoond: see 'xenballoond --help'").ConfigureAwait(false);
        return (int)ExitStatus.Usage;
    }
}
