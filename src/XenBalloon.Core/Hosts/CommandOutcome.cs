namespace XenBalloon.Core.Hosts;

/// <summary>How a command ended, and why if it was refused.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Detail">What the host said, for the log; null when done.</param>
public readonly record struct CommandOutcome(CommandStatus Status, string? Detail = null)
{
    /// <summary>Carried out.</summary>
    public static CommandOutcome Done => new(CommandStatus.Done);
}
