namespace XenBalloon.Daemon.Loop;

/// <summary>
/// Wakes the loop. The loop waits on a thread of its own: a wait in the thread pool wakes up to four threads for each
/// report.
/// </summary>
internal sealed class LoopSignal
{
    private readonly object gate = new();
    private bool hasChanged, isUrgent;

    /// <summary>Something has changed on the host: the wait ends. From any thread.</summary>
    internal void Change() => Set(ref hasChanged);

    /// <summary>A request waits, or the daemon stops: the wait ends at once. From any thread.</summary>
    internal void Wake() => Set(ref isUrgent);

    /// <summary>Waits until something has changed, or for a time.</summary>
    /// <param name="longest">The time.</param>
    /// <param name="shortest">The time before which a change does not end the wait.</param>
    /// <returns>False if nothing has changed.</returns>
    internal bool Wait(TimeSpan longest, TimeSpan shortest)
    {
        long began = Environment.TickCount64;
        lock (gate)
        {
            while (!isUrgent)
            {
                TimeSpan limit = hasChanged ? shortest : longest;
                long rest = began + (long)limit.TotalMilliseconds - Environment.TickCount64;
                if (rest <= 0) break;
                Monitor.Wait(gate, TimeSpan.FromMilliseconds(rest));
            }

            bool isWoken = isUrgent || hasChanged;
            hasChanged = isUrgent = false;
            return isWoken;
        }
    }

    private void Set(ref bool flag)
    {
        lock (gate)
        {
            if (flag) return;
            flag = true;
            Monitor.Pulse(gate);
        }
    }
}
