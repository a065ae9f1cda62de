using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Pacing;

/// <summary>
/// How fast a balloon moves: measured over each leg, which is the way from where it was when its target changed. Progress is a rate and not a yes or no: a
/// domain that gives 40 KiB each second makes progress for hours.
/// </summary>
internal sealed class BalloonSpeed
{
    /// <summary>A leg shorter than this says little: it may have been over long before it was looked at.</summary>
    private static readonly TimeSpan ShortestLeg = TimeSpan.FromSeconds(1);

    private TimeSpan legBegan;
    private KiB legFrom;

    /// <summary>KiB in a second on the last leg that said anything; null before the first.</summary>
    internal double? PerSecond { get; private set; }

    /// <summary>A new leg begins here and now.</summary>
    internal void Begin(KiB actual, TimeSpan now) => (legBegan, legFrom) = (now, actual);

    /// <summary>How long this leg has lasted.</summary>
    internal TimeSpan Lasted(TimeSpan now) => now - legBegan;

    /// <summary>The domain is still on its way.</summary>
    internal void OnTheWay(KiB actual, TimeSpan now)
    {
        if (Lasted(now) >= ShortestLeg) PerSecond = Measured(actual, now);
    }

    /// <summary>The domain has arrived, some time since it was last looked at: it was at least this fast.</summary>
    internal void Arrived(KiB actual, TimeSpan now)
    {
        if (actual != legFrom && now > legBegan) PerSecond = Math.Max(PerSecond ?? 0, Measured(actual, now));
    }

    private double Measured(KiB actual, TimeSpan now) => Math.Abs((actual - legFrom).Value) / Lasted(now).TotalSeconds;
}
