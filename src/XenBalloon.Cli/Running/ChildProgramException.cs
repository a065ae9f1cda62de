namespace XenBalloon.Cli.Running;

/// <summary>A program that was to be run cannot be; the message says why and what to do.</summary>
internal sealed class ChildProgramException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How shells end then.</summary>
    internal ExitCode Code { get; } = code;
}
