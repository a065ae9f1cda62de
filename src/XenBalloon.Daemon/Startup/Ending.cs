namespace XenBalloon.Daemon.Startup;

/// <summary>How the run ended, told by the loop to the one who waits for it.</summary>
internal sealed class Ending
{
    /// <summary>The exit status.</summary>
    internal ExitStatus Status { get; set; }
}
