namespace XenBalloon.Daemon.Startup;

/// <summary>The daemon cannot run; the message names, line by line, the thing and the remedy.</summary>
/// <param name="status">The exit status that says so.</param>
/// <param name="message">The thing and the remedy.</param>
/// <param name="innerException">How it showed.</param>
internal sealed class StartupException(ExitStatus status, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The exit status that says so.</summary>
    internal ExitStatus Status => status;
}
