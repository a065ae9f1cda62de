namespace XenBalloon.Xen.Watches;

/// <summary>The clock of snapshots and reports: the time provider's own timestamps, which never jump.</summary>
internal sealed class MonotonicClock(TimeProvider provider)
{
    private readonly Lock gate = new();
    private TimeSpan last = TimeSpan.MinValue;

    /// <summary>Now.</summary>
    public TimeSpan Now => provider.GetElapsedTime(0);

    /// <summary>Now, but later than any stamp given before: two reports never have the same time.</summary>
    public TimeSpan Stamp()
    {
        lock (gate)
        {
            TimeSpan now = Now;
            last = now > last ? now : last + TimeSpan.FromTicks(1);
            return last;
        }
    }
}
