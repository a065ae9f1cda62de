using XenBalloon.Core.Hosts;

namespace XenBalloon.Xen.Watches;

/// <summary>Tells whoever waits that something has changed since the last look, or that the host is lost for good.</summary>
internal sealed class ChangeSignal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = Fresh();

    /// <summary>How the host was lost; null while it is not.</summary>
    public HostLostException? Lost { get; private set; }

    /// <summary>Completes at the next change, at once if there has been one.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate) return _changed.Task;
        }
    }

    /// <summary>Something changed.</summary>
    public void Set()
    {
        lock (_gate) _changed.TrySetResult();
    }

    /// <summary>Somebody looks: what changed before is seen now.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            if (Lost is null && _changed.Task.IsCompleted) _changed = Fresh();
        }
    }

    /// <summary>The host is lost. The first account of it stands.</summary>
    public void Lose(HostLostException lost)
    {
        lock (_gate)
        {
            if (Lost is not null) return;
            Lost = lost;
            if (_changed.Task.IsCompleted) _changed = Fresh();
            _changed.SetException(lost);

            // Whether or not anybody waits, this is no unobserved exception: Observe throws it too.
            _ = _changed.Task.Exception;
        }
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
