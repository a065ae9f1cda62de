namespace XenBalloon.Cli.Toolstack;

/// <summary>What a toolstack says of a domain cannot be understood; the message names it and says what to do.</summary>
internal sealed class ToolstackException(string message, Exception? inner = null) : Exception(message, inner);
