using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Loop;

/// <summary>Something that an operator asked for; carried out by the loop between two steps.</summary>
internal sealed class ControlRequest
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The mode to change to; null to leave it.</summary>
    internal BalancerMode? Mode { get; init; }

    /// <summary>Whether to read the configuration anew.</summary>
    internal bool Reload { get; init; }

    /// <summary>Completes when a step that knows of the request has been published; fails with what is wrong with the request.</summary>
    internal Task Done => done.Task;

    /// <summary>Says that it is done.</summary>
    internal void Complete() => done.TrySetResult();

    /// <summary>Says that it cannot be done.</summary>
    internal void Fail(Exception why) => done.TrySetException(why);
}
