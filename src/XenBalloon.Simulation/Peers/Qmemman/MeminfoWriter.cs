using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Peers.Common;

namespace XenBalloon.Simulation.Peers.Qmemman;

/// <summary>
/// Qubes' agent in one guest (qubes-linux-utils, meminfo-writer, run with a threshold of 30,000 KiB): it writes what is in use only when that has
/// changed enough. tmpfs and shared memory are in Cached and so do not count as used, although they cannot be dropped.
/// </summary>
internal sealed class MeminfoWriter
{
    private const double CacheFactor = 1.3;
    private static readonly KiB Threshold = new(30_000);

    private TimeSpan? readAt;

    /// <summary>What it wrote last; null before the first time.</summary>
    public KiB? Written { get; private set; }

    /// <summary>Reads /proc/meminfo; returns whether it has written.</summary>
    public bool Read(ReportedVitals vitals)
    {
        if (vitals.At == readAt) return false;
        readAt = vitals.At;
        KiB used = vitals.Total - vitals.Free - vitals.Cached + vitals.SwapUsed;
        if (used < KiB.Zero || (Written is { } before && !IsWorthWriting(before, used, vitals.Total))) return false;
        Written = used;
        return true;
    }

    private static bool IsWorthWriting(KiB before, KiB used, KiB total)
    {
        KiB change = KiB.Max(used - before, before - used);
        return change > Threshold || (used > before && used.Times(CacheFactor) > total && change > Threshold.Times(0.5));
    }
}
