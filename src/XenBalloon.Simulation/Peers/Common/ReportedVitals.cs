using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>
/// The kernel's numbers behind a report, as the peers' own agents would have read them. Where a report carries no vitals, what is not known is taken
/// as if the guest had neither cache nor swap: free is what is available.
/// </summary>
/// <param name="report">What the guest said.</param>
/// <param name="total">MemTotal.</param>
internal readonly struct ReportedVitals(GuestReport report, KiB total)
{
    /// <summary>When it arrived.</summary>
    public TimeSpan At { get; } = report.ReceivedAt;

    /// <summary>MemTotal.</summary>
    public KiB Total { get; } = total;

    /// <summary>MemAvailable.</summary>
    public KiB Available { get; } = total - report.Used;

    /// <summary>MemFree: without any cache.</summary>
    public KiB Free { get; } = report.Vitals?.Free ?? total - report.Used;

    /// <summary>Buffers and Cached, which counts tmpfs and shared memory as cache.</summary>
    public KiB Cached { get; } = (report.Vitals?.FileCache ?? KiB.Zero) + (report.Vitals?.Shared ?? KiB.Zero);

    /// <summary>Page cache of files, which can be dropped.</summary>
    public KiB FileCache { get; } = report.Vitals?.FileCache ?? KiB.Zero;

    /// <summary>Memory that can only be swapped, in a guest that has swap.</summary>
    public KiB Swappable { get; } = report.Vitals is { SwapTotal.Value: > 0 } vitals ? (vitals.Anonymous ?? KiB.Zero) + (vitals.Shared ?? KiB.Zero) : KiB.Zero;

    /// <summary>Swap in use.</summary>
    public KiB SwapUsed { get; } = report.Vitals?.SwapUsed ?? KiB.Zero;

    /// <summary>Committed_AS; what is in use, swap included, where it is not said.</summary>
    public KiB Committed { get; } = report.Vitals?.Committed ?? report.Used + (report.Vitals?.SwapUsed ?? KiB.Zero);

    /// <summary>What the pressure files say; null without vitals.</summary>
    public GuestVitals? Pressure { get; } = report.Vitals;
}
