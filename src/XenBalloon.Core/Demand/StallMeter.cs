using XenBalloon.Core.Hosts;

namespace XenBalloon.Core.Demand;

/// <summary>
/// Which part of its time does a guest wait for memory? From two reports' counters where its kernel has them, which says more of the last second than an
/// average over ten does.
/// </summary>
internal sealed class StallMeter
{
    /// <summary>A page that is read back from swap keeps somebody waiting about this long (an SSD's read).</summary>
    private static readonly TimeSpan WaitPerSwapIn = TimeSpan.FromMicroseconds(100);

    /// <summary>Over less time than this a short wait looks like a long one.</summary>
    private const double LeastSeconds = 0.5;

    /// <summary>Over more time than this a long wait looks like none, and the kernel's own average says more.</summary>
    private const double MostSeconds = 10;

    private GuestVitals? before;
    private TimeSpan beforeAt;

    /// <summary>Takes a new report.</summary>
    /// <returns>The part, 0 to 1; null where the guest does not say.</returns>
    internal double? Read(GuestReport report)
    {
        GuestVitals? last = before;
        double seconds = (report.ReceivedAt - beforeAt).TotalSeconds;
        (before, beforeAt) = (report.Vitals, report.ReceivedAt);
        if (report.Vitals is not { } vitals) return null;
        double? waited = vitals.MemorySome, swapped = null;
        if (last is not null && seconds > 0)
        {
            double over = Math.Max(seconds, LeastSeconds);
            if (vitals.MemorySomeTotal - last.MemorySomeTotal is { } waiting)
            {
                double counted = waiting.TotalSeconds / over;
                waited = seconds > MostSeconds ? Math.Max(counted, waited ?? 0) : counted;
            }

            if (vitals.SwapIns - last.SwapIns is { } pages) swapped = pages * WaitPerSwapIn.TotalSeconds / over;
        }

        return waited is null && swapped is null ? null : Math.Clamp(Math.Max(waited ?? 0, swapped ?? 0), 0, 1);
    }
}
