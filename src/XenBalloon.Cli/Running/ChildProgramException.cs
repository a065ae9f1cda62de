namespace XenBalloon.Cli.Running;

/// <summary>A program that was to be run cannot be; the message says why and what to do.</summary>
internal sealed class ChildProgramException(string message, Exception? inner = null) : Exception(message, inner);
