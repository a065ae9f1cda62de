namespace XenBalloon.Cli.Output;

/// <summary>The exit status of a command, which scripts rely on.</summary>
internal enum ExitCode
{
    /// <summary>Success.</summary>
    Ok = 0,

    /// <summary>Failure; standard error says why.</summary>
    Failed = 1,

    /// <summary>Invalid command line.</summary>
    Usage = 2,

    /// <summary>The daemon does not run or cannot be reached.</summary>
    DaemonAbsent = 3,

    /// <summary>The domain does not exist.</summary>
    NoSuchDomain = 4,

    /// <summary>There is not enough memory, or it did not become free in time.</summary>
    NoMemory = 6,

    /// <summary><c>run</c> did not run the command, as in env(1) and timeout(1).</summary>
    NotRun = 125,

    /// <summary>The command of <c>run</c> is not executable, as in shells.</summary>
    NotExecutable = 126,

    /// <summary>The command of <c>run</c> does not exist, as in shells.</summary>
    NotFound = 127,

    /// <summary>A signal ended the command early, as in shells (128 plus SIGINT).</summary>
    Interrupted = 130,
}
