namespace XenBalloon.Cli.Output;

/// <summary>Standard output does not take what is written to it: its disk is full, say. Not an <see cref="IOException"/>, lest it be taken for another file's.</summary>
internal sealed class OutputException(IOException cause) : Exception($"cannot write to standard output: {cause.Message}", cause);
