namespace XenBalloon.Simulation.Guests;

/// <summary>What a guest's kernel counts of its memory since it booted: /proc/vmstat and /proc/pressure.</summary>
internal sealed class KernelCounters
{
    private PressureMeter memorySome;
    private PressureMeter ioSome;

    /// <summary>pswpin: pages read back from swap.</summary>
    public long SwapIns { get; private set; }

    /// <summary>Time in the last tick in which some task waited for memory.</summary>
    public TimeSpan LastWait { get; private set; }

    /// <summary>PSI memory, some: all of it.</summary>
    public TimeSpan MemorySomeTotal => memorySome.Total;

    /// <summary>PSI memory, some, avg10.</summary>
    public double MemorySome => memorySome.Average;

    /// <summary>PSI io, some, avg10.</summary>
    public double IoSome => ioSome.Average;

    /// <summary>Counts what a tick cost.</summary>
    public void Count(in MemoryTick cost)
    {
        SwapIns += cost.SwapFaults;
        LastWait = cost.MemoryWait;
        memorySome.Advance(LastWait);

        // Whatever is waited for, it is a disk that is waited for.
        ioSome.Advance(cost.Stalled);
    }
}
