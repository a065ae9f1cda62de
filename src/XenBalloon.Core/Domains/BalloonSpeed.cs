using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Domains;

/// <summary>
/// Measures a balloon's speed over each move, which starts when the target changes. A balloon that moves 40 KiB/s makes
/// progress for hours, so only the rate shows that it is slow.
/// </summary>
internal sealed class BalloonSpeed
{
    /// <summary>A shorter move may have ended long before the snapshot.</summary>
    private static readonly TimeSpan ShortestMove = TimeSpan.FromSeconds(1);

    private TimeSpan startedAt;
    private TimeSpan notBefore;
    private KiB startedFrom;

    /// <summary>KiB/s in the last move that was long enough; null before the first.</summary>
    internal double? PerSecond { get; private set; }

    /// <summary>Starts a new move.</summary>
    /// <param name="actual">The size before it.</param>
    /// <param name="now">When the new target was seen.</param>
    /// <param name="notBefore">When the old target was last seen.</param>
    internal void Begin(KiB actual, TimeSpan now, TimeSpan notBefore) =>
        (startedAt, this.notBefore, startedFrom) = (now, notBefore, actual);

    /// <summary>The time since the move started.</summary>
    internal TimeSpan Elapsed(TimeSpan now) => now - startedAt;

    /// <summary>Reads the size during a move.</summary>
    internal void OnTheWay(KiB actual, TimeSpan now)
    {
        if (Elapsed(now) >= ShortestMove) PerSecond = Measured(actual, Elapsed(now));
    }

    /// <summary>
    /// Reads the size at the end of a move. The move may have taken much less than the time between the snapshots, so
    /// this speed is a lower bound. It is no measurement if the move was never seen on its way.
    /// </summary>
    internal void Arrived(KiB actual, TimeSpan now)
    {
        if (actual == startedFrom || now <= notBefore) return;
        double bound = Measured(actual, now - notBefore);
        if (PerSecond is { } known) PerSecond = Math.Max(known, bound);
        else if (now > startedAt) PerSecond = bound;
    }

    private double Measured(KiB actual, TimeSpan during) =>
        Math.Abs((actual - startedFrom).Value) / during.TotalSeconds;
}
