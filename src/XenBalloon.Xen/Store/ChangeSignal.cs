using XenBalloon.Core.Hosts;

namespace XenBalloon.Xen.Store;

/// <summary>Signals that something changed since the last snapshot, or that the host is lost.</summary>
internal sealed class ChangeSignal
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new();

    /// <summary>Why the host is lost; null while it is not.</summary>
    public HostLostException? Lost { get; private set; }

    /// <summary>
    /// Completes at the next change, on the thread that finds it; already completed if something changed since the last
    /// reset.
    /// </summary>
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
        TaskCompletionSource source;
        lock (gate) source = changed;
        source.TrySetResult();
    }

    /// <summary>Forgets earlier changes. To be called before a snapshot, which shows them.</summary>
    public void Reset()
    {
        lock (gate)
        {
            if (Lost is null && changed.Task.IsCompleted) changed = new TaskCompletionSource();
        }
    }

    /// <summary>Signals that the host is lost. Only the first call has an effect.</summary>
    public void SetLost(HostLostException lost)
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            if (Lost is not null) return;
            Lost = lost;
            waiting = changed;
            changed = Failed(new TaskCompletionSource(), lost);
        }

        Failed(waiting, lost);
    }

    /// <summary>Marks the exception as observed: the next snapshot throws it even if nothing awaits the task.</summary>
    private static TaskCompletionSource Failed(TaskCompletionSource source, HostLostException lost)
    {
        source.TrySetException(lost);
        _ = source.Task.Exception;
        return source;
    }
}
