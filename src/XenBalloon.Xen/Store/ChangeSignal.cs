using XenBalloon.Core.Hosts;

namespace XenBalloon.Xen.Store;

/// <summary>Signals that something changed since the last snapshot, or that the host is lost.</summary>
internal sealed class ChangeSignal
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = NewSource();

    /// <summary>Why the host is lost; null while it is not.</summary>
    public HostLostException? Lost { get; private set; }

    /// <summary>Completes at the next change; already completed if something changed since the last reset.</summary>
    public Task Changed
    {
        get
        {
            lock (gate) return changed.Task;
        }
    }

    /// <summary>Signals a change.</summary>
    public void Set()
    {
        lock (gate) changed.TrySetResult();
    }

    /// <summary>Forgets earlier changes. To be called before a snapshot, which shows them.</summary>
    public void Reset()
    {
        lock (gate)
        {
            if (Lost is null && changed.Task.IsCompleted) changed = NewSource();
        }
    }

    /// <summary>Signals that the host is lost. Only the first call has an effect.</summary>
    public void SetLost(HostLostException lost)
    {
        lock (gate)
        {
            if (Lost is not null) return;
            Lost = lost;
            if (changed.Task.IsCompleted) changed = NewSource();
            changed.SetException(lost);

            // Marks the exception as observed: the next snapshot throws it even if nothing awaits the task.
            _ = changed.Task.Exception;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
