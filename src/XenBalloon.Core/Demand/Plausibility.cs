using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>
/// Whether any kernel could have written a report. One that none could have written says nothing of the guest: neither that it needs memory nor that it
/// has some to spare. What a kernel could say is believed, true or not, within the guest's own bounds.
/// </summary>
internal static class Plausibility
{
    /// <summary>Whether a guest of this size could have said this.</summary>
    /// <param name="report">What it said.</param>
    /// <param name="domain">What the hypervisor and xenstore say of it.</param>
    internal static bool Holds(GuestReport report, DomainSnapshot domain)
    {
        // MemTotal lies below what the hypervisor holds, and both change while a report is on its way: only what it can never have is beyond all doubt.
        KiB most = KiB.Max(domain.Actual, domain.StaticMax ?? domain.MaxMem);
        if (report.Used < KiB.Zero || report.Used > (report.Total ?? most) || report.Total > most || report.Total <= KiB.Zero) return false;
        return report.Vitals is not { } vitals || Holds(vitals, report.Total ?? most);
    }

    private static bool Holds(GuestVitals vitals, KiB total) =>
        IsAmount(vitals.Free, total) && IsAmount(vitals.Anonymous, total) && IsAmount(vitals.FileCache, total) && IsAmount(vitals.Shared, total)
        && IsAmount(vitals.SwapUsed, vitals.SwapTotal ?? LargestSwap) && IsAmount(vitals.SwapTotal, LargestSwap)
        && IsPart(vitals.MemorySome) && IsPart(vitals.MemoryFull) && IsPart(vitals.IoSome)
        && !(vitals.Refaults < 0) && !(vitals.SwapIns < 0) && !(vitals.MajorFaults < 0) && !(vitals.MemorySomeTotal < TimeSpan.Zero);

    /// <summary>1 PiB: no swap is larger, and sums of such numbers stay far from overflowing.</summary>
    private static readonly KiB LargestSwap = new(1L << 40);

    private static bool IsAmount(KiB? amount, KiB most) => amount is not { } said || (said >= KiB.Zero && said <= most);

    /// <summary>Nothing that is not a number is a part of one.</summary>
    private static bool IsPart(double? part) => part is null or (>= 0 and <= 1);
}
