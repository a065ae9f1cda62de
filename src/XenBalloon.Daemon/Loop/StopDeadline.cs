namespace XenBalloon.Daemon.Loop;

/// <summary>
/// Ends the process if a stop takes too long: xenstored, the hypervisor, the bus, a disk or a log may hang. What must
/// survive is saved in each pass.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="exit">Ends the process without anything that could wait.</param>
internal sealed class StopDeadline(TimeProvider time, Action exit) : IDisposable
{
    private ITimer? timer;

    /// <summary>Allows that much time from now on, and no more.</summary>
    internal void Allow(TimeSpan limit)
    {
        timer ??= time.CreateTimer(_ => exit(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose();
}
