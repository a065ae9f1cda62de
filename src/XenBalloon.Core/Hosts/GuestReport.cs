using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>What wrote a report in the guest.</summary>
public enum ReportSource
{
    /// <summary>
    /// XenServer's and XCP-ng's guest agents: <c>data/meminfo_total</c> and <c>data/meminfo_free</c>, where free is
    /// MemAvailable.
    /// </summary>
    XenServer,

    /// <summary>Qubes' meminfo-writer: <c>memory/meminfo</c>, the KiB in use.</summary>
    Qubes,

    /// <summary>Our own agent: <c>data/xenballoon</c>, with the kernel's statistics.</summary>
    Agent,
}

/// <summary>How a guest's reports arrive.</summary>
public enum ReportIntake
{
    /// <summary>As its agent writes them; also before the first report.</summary>
    Normal,

    /// <summary>
    /// The newest report is unreadable or of an unknown version. The previous report is out of date.
    /// </summary>
    Unreadable,

    /// <summary>
    /// The guest writes far more often than any agent, so it is read once a second; these reports count like any
    /// others.
    /// </summary>
    Flooding,
}

/// <summary>
/// A guest's report of its memory: parsed and bounded, but from an untrusted guest. Only what arrives while the daemon
/// runs is a report: a value found in xenstore at its start is of unknown age.
/// </summary>
/// <param name="Source">What wrote it.</param>
/// <param name="Used">Memory that is in use and cannot be given back without harm: total − available.</param>
/// <param name="Total">
/// The memory that the guest's kernel manages (MemTotal), which is less than what the hypervisor holds for it; null if
/// the source does not report it.
/// </param>
/// <param name="ReceivedAt">When it arrived, on the snapshot's clock. No two reports have the same time.</param>
public sealed record GuestReport(ReportSource Source, KiB Used, KiB? Total, TimeSpan ReceivedAt)
{
    /// <summary>The kernel's statistics; null if the source does not report them.</summary>
    public GuestVitals? Vitals { get; init; }

    /// <summary>Memory that the guest can give back (MemAvailable); null if the source does not report it.</summary>
    public KiB? Available => Total is { } total ? total - Used : null;
}

/// <summary>
/// Kernel statistics that only our own agent reports: each number is bounded, but from an untrusted guest. A value that
/// the guest's kernel does not have is null. Counters only rise, except at a reboot.
/// </summary>
public sealed record GuestVitals
{
    private static readonly KiB LeastSwapLeft = KiB.FromMiB(64);

    /// <summary>
    /// Time since the guest's boot, by its own clock, to compare with earlier values only. If it decreases, the guest
    /// has rebooted within the same domain.
    /// </summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>MemFree: pages without any use.</summary>
    public KiB? Free { get; init; }

    /// <summary>AnonPages: allocations of programs in memory.</summary>
    public KiB? Anonymous { get; init; }

    /// <summary>
    /// Page cache of files, without <see cref="Shared"/>: Cached and Buffers of /proc/meminfo, minus Shmem.
    /// </summary>
    public KiB? FileCache { get; init; }

    /// <summary>
    /// Shmem: tmpfs and shared memory. Often counted as cache, but it can only be swapped, never dropped.
    /// </summary>
    public KiB? Shared { get; init; }

    /// <summary>SwapTotal; zero for a guest without swap.</summary>
    public KiB? SwapTotal { get; init; }

    /// <summary>SwapTotal − SwapFree.</summary>
    public KiB? SwapUsed { get; init; }

    /// <summary>
    /// How much can still be swapped out while some swap stays free; negative if less than that is free, null if the
    /// guest does not report its swap.
    /// </summary>
    public KiB? SwapHeadroom => SwapTotal - SwapUsed - LeastSwapLeft;

    /// <summary>Committed_AS: memory promised to programs, used or not.</summary>
    public KiB? Committed { get; init; }

    /// <summary>pswpin since the guest's boot: pages read back from swap.</summary>
    public long? SwapIns { get; init; }

    /// <summary>
    /// oom_kill since the guest's boot (Linux 4.13): programs that the kernel killed for lack of memory, of the guest
    /// or of a memory cgroup.
    /// </summary>
    public long? OomKills { get; init; }

    /// <summary>PSI memory, some: total time since the guest's boot in which some task stalled on memory.</summary>
    public TimeSpan? MemorySomeTotal { get; init; }

    /// <summary>PSI memory, some, avg10: the fraction of the last 10 s, 0 to 1.</summary>
    public double? MemorySome { get; init; }

    /// <summary>
    /// PSI io, some, avg10: the fraction of the last 10 s in which some task stalled on a disk, 0 to 1.
    /// </summary>
    public double? IoSome { get; init; }
}
