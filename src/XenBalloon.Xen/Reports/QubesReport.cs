using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Reports;

/// <summary>Qubes' meminfo-writer: <c>memory/meminfo</c>, the KiB in use (swap included).</summary>
internal static class QubesReport
{
    /// <summary>Reads a report that anybody may have written.</summary>
    /// <param name="used">The leaf's value; null where missing.</param>
    /// <param name="most">The most that the domain can have: what is claimed beyond it is cut off.</param>
    /// <returns>Null for what no honest writer writes.</returns>
    public static ReportedMemory? Parse(string? used, KiB most) =>
        DecimalText.ToSize(used) is { } amount && amount > KiB.Zero ? new ReportedMemory(ReportSource.Qubes, KiB.Min(amount, most), null) : null;
}
