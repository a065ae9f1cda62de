namespace XenBalloon.Simulation.Commands;

/// <summary>How the program ended, for scripts: part of the interface.</summary>
internal enum ExitCode
{
    /// <summary>Done, and every policy did what the scenarios require.</summary>
    Ok = 0,

    /// <summary>Not done; standard error says why.</summary>
    Failed = 1,

    /// <summary>Invalid command line or scenario.</summary>
    Usage = 2,

    /// <summary>A policy does not do what the scenario requires.</summary>
    NotPassed = 5,

    /// <summary>Interrupted by a signal, as shells count it (128 and SIGINT).</summary>
    Interrupted = 130,
}
