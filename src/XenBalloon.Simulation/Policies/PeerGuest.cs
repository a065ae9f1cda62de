using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>A domain that has a target, as all peers see it.</summary>
/// <param name="Domain">The domain now.</param>
/// <param name="Settings">What its administrator configured.</param>
/// <param name="Offset">
/// What the hypervisor holds beyond the target while the balloon rests. Measured when the domain is first seen and
/// assumed constant, as squeezed's <c>memory-offset</c>.
/// </param>
/// <param name="HasBooted">Whether its balloon driver can be expected to respond.</param>
/// <param name="ActualAtReport">
/// What the hypervisor held for it when its newest report arrived: the size that the report describes.
/// </param>
internal sealed record PeerGuest(
    DomainSnapshot Domain, GuestSettings Settings, KiB Offset, bool HasBooted, KiB ActualAtReport)
{
    /// <summary>The identity of the domain.</summary>
    public DomainIdentity Identity => Domain.Identity;

    /// <summary>The balloon target.</summary>
    public KiB Target => Domain.Target ?? Actual;

    /// <summary>What it holds, in the unit of targets.</summary>
    public KiB Actual => Domain.Actual - Offset;

    /// <summary>What it held when it last reported, in the unit of targets.</summary>
    public KiB ReportedSize => ActualAtReport - Offset;

    /// <summary>What it may still take of the host's free memory: its target and its cap allow it.</summary>
    public KiB Promised => KiB.Max(KiB.Zero, KiB.Min(Target + Offset, Domain.MaxMem) - Domain.Actual);

    /// <summary>
    /// The difference between cap and target: the offset or the video memory, and libxl's allowance
    /// (LIBXL_MAXMEM_CONSTANT).
    /// </summary>
    public KiB CapOver => KiB.Max(Offset, Domain.VideoRam) + KiB.FromMiB(1);

    /// <summary>Whether it has booted and runs.</summary>
    public bool IsUp => HasBooted && Domain.Lifecycle == DomainLifecycle.Running;

    /// <summary>The guest's last report; null if it never reported.</summary>
    public ReportedVitals? Vitals =>
        Domain.Report is { Total: { } total } report ? new ReportedVitals(report, total) : null;
}

/// <summary>What an administrator configured for a guest. Each system has its own defaults for the rest.</summary>
/// <param name="Minimum">dynamic-min; null if not set.</param>
/// <param name="Maximum">The maximum: dynamic-max, else static-max.</param>
/// <param name="Weight">The weight, 100 if not set.</param>
/// <param name="BootMemory">The boot memory.</param>
/// <param name="StaticMax">static-max.</param>
internal sealed record GuestSettings(KiB? Minimum, KiB Maximum, int Weight, KiB BootMemory, KiB StaticMax)
{
    private const int DefaultWeight = 100;

    /// <summary>The settings of a guest of the scenario.</summary>
    public static GuestSettings Of(GuestDescription guest) => new(
        guest.Minimum,
        KiB.Min(guest.Maximum ?? guest.StaticMax, guest.StaticMax),
        guest.Weight,
        guest.BootMemory,
        guest.StaticMax);

    /// <summary>What xenstore says of a domain that the scenario does not describe.</summary>
    public static GuestSettings Of(DomainSnapshot domain)
    {
        KiB most = domain.StaticMax ?? domain.Actual;
        return new GuestSettings(
            domain.DynamicMin,
            KiB.Min(domain.DynamicMax ?? most, most),
            DefaultWeight,
            domain.BootMemory ?? domain.Actual,
            most);
    }
}

/// <summary>
/// The kernel counters behind a report, as the peers' own agents would read them. A report without vitals counts as
/// from a guest with neither cache nor swap: free is what is available.
/// </summary>
/// <param name="report">The report.</param>
/// <param name="total">MemTotal.</param>
internal readonly struct ReportedVitals(GuestReport report, KiB total)
{
    /// <summary>When the report arrived.</summary>
    public TimeSpan At { get; } = report.ReceivedAt;

    /// <summary>MemTotal.</summary>
    public KiB Total { get; } = total;

    /// <summary>MemAvailable.</summary>
    public KiB Available { get; } = total - report.Used;

    /// <summary>MemFree, without any cache.</summary>
    public KiB Free { get; } = report.Vitals?.Free ?? total - report.Used;

    /// <summary>Buffers and Cached, which include tmpfs and shared memory.</summary>
    public KiB Cached { get; } = (report.Vitals?.FileCache ?? KiB.Zero) + (report.Vitals?.Shared ?? KiB.Zero);

    /// <summary>Page cache of files, which can be dropped.</summary>
    public KiB FileCache { get; } = report.Vitals?.FileCache ?? KiB.Zero;

    /// <summary>Memory that can only be swapped out; zero in a guest without swap.</summary>
    public KiB Swappable { get; } = report.Vitals is { SwapTotal.Value: > 0 } vitals
        ? (vitals.Anonymous ?? KiB.Zero) + (vitals.Shared ?? KiB.Zero)
        : KiB.Zero;

    /// <summary>Swap in use.</summary>
    public KiB SwapUsed { get; } = report.Vitals?.SwapUsed ?? KiB.Zero;

    /// <summary>Committed_AS; if not reported, memory in use with swap.</summary>
    public KiB Committed { get; } = report.Vitals?.Committed ?? report.Used + (report.Vitals?.SwapUsed ?? KiB.Zero);

    /// <summary>The values of the pressure files; null without vitals.</summary>
    public GuestVitals? Pressure { get; } = report.Vitals;
}

/// <summary>Memory that a Linux kernel keeps free for itself, and so does not count as available.</summary>
internal static class KernelReserve
{
    /// <summary>The high watermarks: 3/2 of min_free_kbytes, which is √(16 × memory) at boot.</summary>
    public static KiB Of(KiB bootMemory) => new KiB((long)(1.5 * Math.Sqrt(16.0 * bootMemory.Value))).CeilingToPage();
}
