namespace XenBalloon.Simulation.Guests;

/// <summary>What a guest's kernel counts of its memory since it booted: /proc/vmstat and /proc/pressure.</summary>
internal sealed class KernelCounters
{
    private PressureMeter memorySome;
    private PressureMeter memoryFull;
    private PressureMeter ioSome;

    /// <summary>pswpin: pages read back from swap.</summary>
    public long SwapIns { get; private set; }

    /// <summary>workingset_refault_file and _anon.</summary>
    public long Refaults { get; private set; }

    /// <summary>pgmajfault. Files are taken to be mapped, so that each page that is missed faults.</summary>
    public long MajorFaults { get; private set; }

    /// <summary>Time in the last tick in which some task waited for memory.</summary>
    public TimeSpan LastWait { get; private set; }

    /// <summary>PSI memory, some: all of it.</summary>
    public TimeSpan MemorySomeTotal => memorySome.Total;

    /// <summary>PSI memory, some, avg10.</summary>
    public double MemorySome => memorySome.Average;

    /// <summary>PSI memory, full, avg10.</summary>
    public double MemoryFull => memoryFull.Average;

    /// <summary>PSI io, some, avg10.</summary>
    public double IoSome => ioSome.Average;

    /// <summary>Counts what a tick cost.</summary>
    public void Count(in MemoryTick cost)
    {
        SwapIns += cost.SwapFaults;
        Refaults += cost.SwapFaults + cost.Refaults;
        MajorFaults += cost.SwapFaults + cost.FileFaults;
        LastWait = cost.MemoryWait;
        memorySome.Advance(LastWait);

        // As of two tasks that each wait that long, and as little as they can at once: they begin to do so when more than half of the tick is waited.
        TimeSpan both = LastWait + LastWait - Machine.TickLength;
        memoryFull.Advance(both > TimeSpan.Zero ? both : TimeSpan.Zero);

        // Whatever is waited for, it is a disk that is waited for.
        ioSome.Advance(cost.Stalled);
    }
}
