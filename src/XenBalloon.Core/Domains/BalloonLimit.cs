using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// A size that a balloon failed to pass in one direction, and when it may try again: after a time that doubles with
/// each failure.
/// </summary>
internal sealed class BalloonLimit
{
    private TimeSpan interval;

    /// <summary>The size; null if it did not fail, or has passed the size since.</summary>
    internal KiB? Size { get; private set; }

    /// <summary>Until when it does not try again; null if it may.</summary>
    internal TimeSpan? Until { get; private set; }

    /// <summary>Records a failure.</summary>
    /// <param name="size">The domain's size.</param>
    /// <param name="shortest">The time until the next attempt after the first failure.</param>
    /// <param name="longest">The longest time.</param>
    /// <param name="now">The snapshot's time.</param>
    internal void OnFailed(KiB size, TimeSpan shortest, TimeSpan longest, TimeSpan now)
    {
        interval = TimeSpan.FromTicks(Math.Clamp(interval.Ticks * 2, shortest.Ticks, longest.Ticks));
        (Size, Until) = (size, now + interval);
    }

    /// <summary>Ends the wait, although the size was not passed: the time goes on doubling.</summary>
    internal void EndWait() => Until = null;

    /// <summary>Shortens the wait to this time since the failure.</summary>
    internal void Hasten(TimeSpan longest, TimeSpan now)
    {
        if (interval > longest && Until is { } until && now >= until - interval + longest) Until = now;
    }

    /// <summary>Forgets all failures: the balloon works in this direction.</summary>
    internal void Forget() => (Size, Until, interval) = (null, null, TimeSpan.Zero);
}
