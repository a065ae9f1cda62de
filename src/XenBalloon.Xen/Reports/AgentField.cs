namespace XenBalloon.Xen.Reports;

/// <summary>The values of our agent's record that we read, named as in xenballoon-agent(8).</summary>
internal enum AgentField
{
    /// <summary><c>uptime_ms</c></summary>
    Uptime,

    /// <summary><c>total_kib</c></summary>
    Total,

    /// <summary><c>available_kib</c></summary>
    Available,

    /// <summary><c>free_kib</c></summary>
    Free,

    /// <summary><c>anon_kib</c></summary>
    Anonymous,

    /// <summary><c>file_kib</c></summary>
    FileCache,

    /// <summary><c>shmem_kib</c></summary>
    Shared,

    /// <summary><c>slab_kib</c></summary>
    Slab,

    /// <summary><c>swap_kib</c></summary>
    SwapTotal,

    /// <summary><c>swapped_kib</c></summary>
    SwapUsed,

    /// <summary><c>committed_kib</c></summary>
    Committed,

    /// <summary><c>balloon_kib</c></summary>
    Balloon,

    /// <summary><c>refaults</c></summary>
    Refaults,

    /// <summary><c>majfaults</c></summary>
    MajorFaults,

    /// <summary><c>swapins</c></summary>
    SwapIns,

    /// <summary><c>some_bp</c></summary>
    MemorySome,

    /// <summary><c>some_us</c></summary>
    MemorySomeTotal,

    /// <summary><c>full_bp</c></summary>
    MemoryFull,

    /// <summary><c>full_us</c></summary>
    MemoryFullTotal,

    /// <summary><c>io_bp</c></summary>
    IoSome,
}
