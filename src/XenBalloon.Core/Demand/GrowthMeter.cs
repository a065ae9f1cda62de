using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>
/// How fast does a guest grow? One jump is no growth: only what two stretches in a row show is expected to go on. Without
/// swap there is no second chance, and between reports that come seldom much happens: what these show once counts.
/// </summary>
internal sealed class GrowthMeter
{
    /// <summary>A growth once seen is expected to go on for a while.</summary>
    private static readonly TimeSpan Fall = TimeSpan.FromSeconds(5);

    /// <summary>Growth is measured over no less than this: less than a second, as a report each second may be early.</summary>
    private static readonly TimeSpan LeastStretch = TimeSpan.FromSeconds(0.75);

    private TimeSpan? since;
    private KiB usedThen;
    private double lastRate;
    private double lastSecond;

    /// <summary>KiB a second that are expected to go on.</summary>
    internal double PerSecond { get; private set; }

    /// <summary>KiB a second by the last second alone.</summary>
    internal double LastSecond { get; private set; }

    /// <summary>Takes a new report.</summary>
    /// <param name="used">What is in use.</param>
    /// <param name="at">When the report arrived.</param>
    /// <param name="onceCounts">Whether what is seen once is expected to go on.</param>
    /// <param name="reportsAtOnce">
    /// Whether it reports as soon as more is used, as our agent does: then what it shows after a long silence has been
    /// used within the last second, and not little by little since the report before.
    /// </param>
    internal void Take(KiB used, TimeSpan at, bool onceCounts, bool reportsAtOnce)
    {
        TimeSpan stretch = at - (since ?? at);
        if (stretch > ReportRhythm.Longest || stretch <= TimeSpan.Zero)
        {
            (PerSecond, lastRate, lastSecond, LastSecond, since, usedThen) = (0, 0, 0, 0, at, used);
            return;
        }

        // A burst within less than a second says little of how a guest goes on, so the rate is that of a whole second:
        // of this stretch, and for the rest of the second of the stretch before.
        bool isShort = stretch < LeastStretch;
        double grown = Math.Max(0, (used - usedThen).Value), rate = grown / (isShort ? 1 : stretch.TotalSeconds);
        LastSecond = isShort ? rate + (lastSecond * (1 - stretch.TotalSeconds))
            : reportsAtOnce && stretch >= ReportRhythm.Seldom ? grown
            : rate;
        if (isShort) return;
        double confirmed = onceCounts || stretch >= ReportRhythm.Seldom ? rate : Math.Min(rate, lastRate);
        PerSecond = confirmed >= PerSecond ? confirmed : confirmed + ((PerSecond - confirmed) * Math.Exp(-stretch / Fall));
        (lastRate, lastSecond, since, usedThen) = (rate, LastSecond, at, used);
    }
}
