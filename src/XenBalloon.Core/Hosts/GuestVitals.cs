using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Hosts;

/// <summary>
/// What only our own agent says of its kernel, beside used and total: each number bounded by the intake, and still an untrusted guest's word. A value
/// that the guest's kernel does not show is null. Counters only rise, but for a reboot.
/// </summary>
public sealed record GuestVitals
{
    /// <summary>
    /// Time since the guest's boot, by its own clock: it is compared with itself only. What goes back is a kernel started anew in the same domain, of
    /// which nothing is known yet.
    /// </summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>MemFree: pages without any use.</summary>
    public KiB? Free { get; init; }

    /// <summary>AnonPages: what programs allocated and is in memory.</summary>
    public KiB? Anonymous { get; init; }

    /// <summary>Page cache of files, without <see cref="Shared"/>: what /proc/meminfo calls Cached and Buffers, less Shmem.</summary>
    public KiB? FileCache { get; init; }

    /// <summary>Shmem: tmpfs and shared memory. Many count it as cache, but it can only be swapped, never dropped.</summary>
    public KiB? Shared { get; init; }

    /// <summary>SwapTotal; zero for a guest without swap.</summary>
    public KiB? SwapTotal { get; init; }

    /// <summary>SwapTotal − SwapFree.</summary>
    public KiB? SwapUsed { get; init; }

    /// <summary>What may still be swapped out, so that some swap is always left; less than zero with less than that, null where nothing is said of it.</summary>
    public KiB? SwapHeadroom => SwapTotal - SwapUsed - LeastSwapLeft;

    /// <summary>SUnreclaim: what the kernel itself has allocated and cannot drop.</summary>
    public KiB? KernelSlab { get; init; }

    /// <summary>What the balloon driver believes to hold for the guest.</summary>
    public KiB? Balloon { get; init; }

    /// <summary>Committed_AS: what programs were promised, touched or not.</summary>
    public KiB? Committed { get; init; }

    /// <summary>workingset_refault_file and _anon since the guest's boot: pages read again that had been dropped only lately.</summary>
    public long? Refaults { get; init; }

    /// <summary>pswpin since the guest's boot: pages read back from swap.</summary>
    public long? SwapIns { get; init; }

    /// <summary>pgmajfault since the guest's boot.</summary>
    public long? MajorFaults { get; init; }

    /// <summary>PSI memory, some: all the time since the guest's boot in which some task waited for memory.</summary>
    public TimeSpan? MemorySomeTotal { get; init; }

    /// <summary>PSI memory, full: all the time since the guest's boot in which all tasks waited for memory.</summary>
    public TimeSpan? MemoryFullTotal { get; init; }

    /// <summary>PSI memory, some, avg10: the part of the last 10 s, 0 to 1.</summary>
    public double? MemorySome { get; init; }

    /// <summary>PSI memory, full, avg10: the part of the last 10 s in which all tasks waited for memory, 0 to 1.</summary>
    public double? MemoryFull { get; init; }

    /// <summary>PSI io, some, avg10: the part of the last 10 s in which some task waited for a disk, 0 to 1.</summary>
    public double? IoSome { get; init; }

    private static readonly KiB LeastSwapLeft = KiB.FromMiB(64);
}
