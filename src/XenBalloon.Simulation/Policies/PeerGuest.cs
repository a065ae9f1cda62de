using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>A domain that has a target, as every peer sees it.</summary>
/// <param name="Domain">The domain now.</param>
/// <param name="Terms">What its administrator said.</param>
/// <param name="Offset">
/// What the hypervisor holds beyond the target while the balloon rests, measured when the domain was first seen and taken for constant (as squeezed's
/// <c>memory-offset</c>).
/// </param>
/// <param name="HasBooted">Whether its balloon driver can be expected to answer.</param>
/// <param name="ActualAtReport">What the hypervisor held for it when its newest report was first seen: what that report tells of.</param>
internal sealed record PeerGuest(DomainSnapshot Domain, GuestTerms Terms, KiB Offset, bool HasBooted, KiB ActualAtReport)
{
    /// <summary>Which domain.</summary>
    public DomainIdentity Identity => Domain.Identity;

    /// <summary>What its balloon works towards.</summary>
    public KiB Target => Domain.Target ?? Actual;

    /// <summary>What it holds, in the unit of targets.</summary>
    public KiB Actual => Domain.Actual - Offset;

    /// <summary>What it held when it last reported, in the unit of targets.</summary>
    public KiB ReportedSize => ActualAtReport - Offset;

    /// <summary>What it may still take of the host's free memory: it was told so, and its cap allows it.</summary>
    public KiB Promised => KiB.Max(KiB.Zero, KiB.Min(Target + Offset, Domain.MaxMem) - Domain.Actual);

    /// <summary>What the cap is above the target: the offset, video memory, and libxl's allowance (LIBXL_MAXMEM_CONSTANT).</summary>
    public KiB CapOver => KiB.Max(Offset, Domain.VideoRam) + KiB.FromMiB(1);

    /// <summary>What the guest said of itself; null where it said nothing.</summary>
    public ReportedVitals? Vitals => Domain.Report is { Total: { } total } report ? new ReportedVitals(report, total) : null;
}

/// <summary>What an administrator said of a guest. Each system has its own defaults for what was not said.</summary>
/// <param name="Minimum">dynamic-min; null where nothing was said.</param>
/// <param name="Maximum">The most that it may have: dynamic-max, else static-max.</param>
/// <param name="Weight">Shares, 100 where nothing was said.</param>
/// <param name="BootMemory">What it boots with.</param>
/// <param name="StaticMax">The most that it can ever have.</param>
internal sealed record GuestTerms(KiB? Minimum, KiB Maximum, int Weight, KiB BootMemory, KiB StaticMax);

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

/// <summary>What a Linux kernel keeps free for itself, and so does not count as available.</summary>
internal static class KernelReserve
{
    /// <summary>The high watermarks: 3/2 of min_free_kbytes, which is √(16 × memory) at boot.</summary>
    public static KiB Of(KiB bootMemory) => new KiB((long)(1.5 * Math.Sqrt(16.0 * bootMemory.Value))).CeilingToPage();
}
