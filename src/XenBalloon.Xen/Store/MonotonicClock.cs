namespace XenBalloon.Xen.Store;

/// <summary>The clock of snapshots and reports. It reads the time provider's timestamps, which never jump.</summary>
internal sealed class MonotonicClock(TimeProvider provider)
{
    private readonly Lock gate = new();
    private TimeSpan last = TimeSpan.MinValue;

    /// <summary>The time now.</summary>
    public TimeSpan Now => provider.GetElapsedTime(0);

    /// <summary>The time now, but later than every stamp before: no two reports have the same time.</summary>
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
