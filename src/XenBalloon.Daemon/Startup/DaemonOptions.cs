namespace XenBalloon.Daemon.Startup;

/// <summary>The command line.</summary>
/// <param name="ConfigurationPath">The configuration file.</param>
/// <param name="Check">Whether only to check it.</param>
/// <param name="Scenario">The built-in scenario to run on instead of this machine's Xen; null for the real thing.</param>
/// <param name="StateDirectory">Where what a later daemon must know is kept; null to keep nothing.</param>
internal sealed record DaemonOptions(string ConfigurationPath, bool Check, string? Scenario, string? StateDirectory);
