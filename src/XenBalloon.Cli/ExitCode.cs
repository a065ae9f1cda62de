namespace XenBalloon.Cli;

/// <summary>How a command ended, for scripts: part of the interface.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>Not done; standard error says why.</summary>
    Failed = 1,

    /// <summary>Invalid command line.</summary>
    Usage = 2,

    /// <summary>The daemon does not run, or cannot be reached.</summary>
    DaemonAbsent = 3,

    /// <summary>There is no such domain.</summary>
    NoSuchDomain = 4,

    /// <summary>There is not enough memory, or it did not become free in time.</summary>
    NoMemory = 6,

    /// <summary><c>run</c> did not run the command, as env(1) and timeout(1) say it.</summary>
    NotRun = 125,

    /// <summary>The command of <c>run</c> is there and may not be run, as shells say it.</summary>
    NotExecutable = 126,

    /// <summary>The command of <c>run</c> is not there, likewise.</summary>
    NotFound = 127,

    /// <summary>Ended by a signal before it was done, as shells count it (128 and SIGINT).</summary>
    Interrupted = 130,
}
