namespace XenBalloon.Daemon.Startup;

/// <summary>The command line.</summary>
/// <param name="ConfigurationPath">The configuration file.</param>
/// <param name="Check">Whether only to check it.</param>
/// <param name="StateDirectory">Where what a later daemon must know is kept; null to keep nothing.</param>
internal sealed record DaemonOptions(string ConfigurationPath, bool Check, string? StateDirectory);
