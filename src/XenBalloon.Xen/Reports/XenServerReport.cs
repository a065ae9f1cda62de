using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Reports;

/// <summary>XenServer's and XCP-ng's guest agents: <c>data/meminfo_total</c> and <c>data/meminfo_free</c> (MemAvailable), every 60 to 120 s.</summary>
internal static class XenServerReport
{
    /// <summary>Reads a report that anybody may have written.</summary>
    /// <param name="total">The leaf's value; null where missing.</param>
    /// <param name="available">The leaf's value; null where missing.</param>
    /// <param name="most">The most that the domain can have: what is claimed beyond it is cut off.</param>
    /// <returns>Null for what no honest agent writes.</returns>
    public static ReportedMemory? Parse(string? total, string? available, KiB most)
    {
        if (DecimalText.ToSize(total) is not { } managed || DecimalText.ToSize(available) is not { } free) return null;
        if (managed == KiB.Zero || free > managed) return null;
        KiB used = KiB.Min(managed - free, most);
        return new ReportedMemory(ReportSource.XenServer, used, KiB.Min(managed, most));
    }
}
