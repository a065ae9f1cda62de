using System.CommandLine;
using XenBalloon.Daemon.Loop;

namespace XenBalloon.Daemon.Startup;

/// <summary>The command line.</summary>
/// <param name="ConfigurationPath">The configuration file.</param>
/// <param name="Check">Whether to check the host and exit.</param>
/// <param name="StateDirectory">The directory of the state file; null to keep nothing.</param>
/// <param name="Json">Whether to print the findings of the check as JSON.</param>
internal sealed record DaemonOptions(
    string ConfigurationPath, bool Check, string? StateDirectory, bool Json = false);

/// <summary>Parses the command line.</summary>
internal static class DaemonCommand
{
    private const string DefaultConfigurationPath = "/etc/xenballoon/xenballoon.conf";

    private const string DefaultStateDirectory = "/var/lib/xenballoon";

    /// <summary>Parses the command line and runs the daemon until it is stopped.</summary>
    /// <returns>The exit status.</returns>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var configuration = new Option<string>("--config")
        {
            Description = "The configuration file.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DefaultConfigurationPath,
        };
        var check = new Option<bool>("--check")
        {
            Description = "Check the configuration and this host, print what was found, and exit. Changes nothing.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "With --check: print the findings as JSON.",
        };
        var state = new Option<string?>("--state")
        {
            Description = $"The directory of the state file ({DefaultStateDirectory}).",
            HelpName = "DIRECTORY",
        };
        var command = new RootCommand("Balance memory between the domains of this Xen host.")
        {
            configuration,
            check,
            json,
            state,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && !result.GetValue(check)) result.AddError("--json needs --check");
        });
        command.SetAction((parsed, cancellation) => DaemonRun.RunAsync(
            new DaemonOptions(
                parsed.GetRequiredValue(configuration),
                parsed.GetValue(check),
                parsed.GetValue(state) ?? DefaultStateDirectory,
                parsed.GetValue(json)),
            new LocalXen(),
            cancellation));

        ParseResult result = command.Parse(arguments);
        if (result.Errors.Count == 0)
        {
            var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
            return await result.InvokeAsync(invocation).ConfigureAwait(false);
        }

        foreach (var error in result.Errors)
        {
            await Console.Error.WriteLineAsync($"xenballoond: {error.Message}").ConfigureAwait(false);
        }

        await Console.Error.WriteLineAsync("xenballoond: see 'xenballoond --help'").ConfigureAwait(false);
        return (int)ExitStatus.Usage;
    }
}
