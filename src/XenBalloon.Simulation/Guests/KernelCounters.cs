using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <summary>The memory statistics of a guest's kernel since boot: /proc/vmstat and /proc/pressure.</summary>
internal sealed class KernelCounters
{
    private PressureMeter memorySome;
    private PressureMeter ioSome;

    /// <summary>pswpin: pages read back from swap.</summary>
    public long SwapIns { get; private set; }

    /// <summary>oom_kill: how often the OOM killer has killed programs.</summary>
    public long OomKills { get; private set; }

    /// <summary>Time in the last tick in which some task waited for memory.</summary>
    public TimeSpan LastWait { get; private set; }

    /// <summary>PSI memory some, total.</summary>
    public TimeSpan MemorySomeTotal => memorySome.Total;

    /// <summary>PSI memory some, avg10.</summary>
    public double MemorySome => memorySome.Average;

    /// <summary>PSI io some, avg10.</summary>
    public double IoSome => ioSome.Average;

    /// <summary>The OOM killer has killed programs.</summary>
    public void OnOomKill() => OomKills++;

    /// <summary>Adds the cost of a tick.</summary>
    public void Count(in MemoryCost cost)
    {
        SwapIns += cost.SwapFaults;
        LastWait = cost.MemoryWait;
        memorySome.Advance(LastWait);

        // All waiting is for a disk.
        ioSome.Advance(cost.Stalled);
    }
}

/// <summary>One line of /proc/pressure: the total stall time and its 10 s average.</summary>
internal struct PressureMeter
{
    // kernel/sched/psi.c: every 2 s (PSI_FREQ) the average moves by 1 − EXP_10s towards the last 2 s.
    private const int TicksPerUpdate = 2 * Tick.PerSecond;
    private static readonly double Kept = Math.Exp(-2.0 / 10);
    private static readonly double UpdateLength = TicksPerUpdate * (double)Tick.Length.Ticks;

    private int ticks;
    private long waited;

    /// <summary>The total stall time.</summary>
    public TimeSpan Total { get; private set; }

    /// <summary>avg10, from 0 to 1.</summary>
    public double Average { get; private set; }

    /// <summary>Advances by one tick with this stall time.</summary>
    public void Advance(TimeSpan wait)
    {
        waited += wait.Ticks;
        Total += wait;
        if (++ticks < TicksPerUpdate) return;
        Average = (Average * Kept) + ((1 - Kept) * waited / UpdateLength);
        (ticks, waited) = (0, 0);
    }
}
