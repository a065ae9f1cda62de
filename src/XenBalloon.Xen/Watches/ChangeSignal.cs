using XenBalloon.Core.Hosts;

namespace XenBalloon.Xen.Watches;

/// <summary>Tells whoever waits that something has changed since the last look, or that the host is lost for good.</summary>
internal sealed class ChangeSignal
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = Fresh();

    /// <summary>How the host was lost; null while it is not.</summary>
    public HostLostException? Lost { get; private set; }

    /// <summary>Completes at the next change, at once if there has been one.</summary>
    public Task Changed
    {
        get
        {
            lock (gate) return changed.Task;
        }
    }

    /// <summary>Something changed.</summary>
    public void Set()
    {
        lock (gate) changed.TrySetResult();
    }

    /// <summary>Somebody looks: what changed before is seen now.</summary>
    public void Reset()
    {
        lock (gate)
        {
            if (Lost is null && changed.Task.IsCompleted) changed = Fresh();
        }
    }

    /// <summary>The host is lost. The first account of it stands.</summary>
    public void Lose(HostLostException lost)
    {
        lock (gate)
        {
            if (Lost is not null) return;
            Lost = lost;
            if (changed.Task.IsCompleted) changed = Fresh();
            changed.SetException(lost);

            // Whether or not anybody waits, this is no unobserved exception: Observe throws it too.
            _ = changed.Task.Exception;
        }
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
