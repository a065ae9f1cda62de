using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <summary>The results of a run for one guest.</summary>
public sealed record GuestOutcome
{
    /// <summary>The guest's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the domain exists now.</summary>
    public bool Present { get; init; }

    /// <summary>
    /// The time in which the guest was up and not paused, or would have been without a kernel panic.
    /// </summary>
    public TimeSpan Worked { get; init; }

    /// <summary>The part of <see cref="Worked"/> in which its programs waited for pages or were dead.</summary>
    public TimeSpan Stalled { get; init; }

    /// <summary>Anonymous and shared memory in swap now.</summary>
    public KiB Swapped { get; init; }

    /// <summary>Anonymous and shared memory in RAM now.</summary>
    public KiB Resident { get; init; }

    /// <summary>The integral over time of the memory in swap.</summary>
    public double SwappedKiBSeconds { get; init; }

    /// <summary>Pages read back from swap.</summary>
    public long SwapFaults { get; init; }

    /// <summary>Pages of files read because the cache was too small.</summary>
    public long FileFaults { get; init; }

    /// <summary>The number of OOM kills.</summary>
    public int OomKills { get; init; }

    /// <summary>The number of kernel panics because nothing was left to kill.</summary>
    public int Panics { get; init; }

    /// <summary>
    /// OOM kills and panics that the balancer caused: the demand would have fit into the boot memory, or into more
    /// memory that the guest was given and that the balancer took away again, at any time before. Promised growth that
    /// did not arrive does not count as taken.
    /// </summary>
    public int OomKillsByBalancer { get; init; }

    /// <summary>The least memory that the domain had once it was built.</summary>
    public KiB LeastActual { get; init; }

    /// <summary>The most memory that the domain had.</summary>
    public KiB MostActual { get; init; }

    /// <summary>The memory that the balloon moved, in both directions.</summary>
    public KiB Moved { get; init; }

    /// <summary>The number of targets written by commands.</summary>
    public int TargetsWritten { get; init; }

    /// <summary>How often such a target moved in the opposite direction of the previous one.</summary>
    public int Reversals { get; init; }
}

/// <summary>Counts the results of a guest.</summary>
internal sealed class GuestCounters
{
    private long workedTicks;
    private TimeSpan stalled;
    private long swappedKiBTicks;
    private long swapFaults;
    private long fileFaults;
    private int oomKills;
    private int panics;
    private int killsByBalancer;
    private KiB least = new(long.MaxValue);
    private KiB most;
    private KiB moved;
    private int targetsWritten;
    private int reversals;
    private bool wentUp;

    /// <summary>The guest has worked for a tick.</summary>
    /// <param name="cost">Its faults and waiting.</param>
    /// <param name="swapped">Its memory in swap.</param>
    /// <param name="dead">Whether its programs were dead, so that the whole tick was lost.</param>
    public void OnWorked(in MemoryCost cost, KiB swapped, bool dead)
    {
        workedTicks++;
        swapFaults += cost.SwapFaults;
        fileFaults += cost.FileFaults;
        swappedKiBTicks += swapped.Value;
        stalled += dead ? Tick.Length : cost.Stalled;
    }

    /// <summary>The guest did not work for a tick because its kernel has panicked.</summary>
    public void OnMissed()
    {
        workedTicks++;
        stalled += Tick.Length;
    }

    /// <summary>The domain's memory has changed.</summary>
    public void OnActual(KiB actual, KiB change)
    {
        least = KiB.Min(least, actual);
        most = KiB.Max(most, actual);
        moved += KiB.Max(change, -change);
    }

    /// <summary>A command has written a target.</summary>
    public void OnTargetWritten(KiB before, KiB after)
    {
        targetsWritten++;
        if (after == before) return;
        bool up = after > before;
        if (targetsWritten > 1 && up != wentUp) reversals++;
        wentUp = up;
    }

    /// <summary>The OOM killer has killed the programs.</summary>
    public void OnOomKill() => oomKills++;

    /// <summary>The kernel has panicked.</summary>
    public void OnPanic() => panics++;

    /// <summary>An OOM kill or panic was caused by a target that the balancer lowered.</summary>
    public void OnKillByBalancer() => killsByBalancer++;

    /// <summary>The results so far.</summary>
    public GuestOutcome Outcome(string name, bool present, KiB resident, KiB swapped) => new()
    {
        Name = name,
        Present = present,
        Worked = Tick.Length * workedTicks,
        Stalled = stalled,
        Swapped = swapped,
        Resident = resident,
        SwappedKiBSeconds = swappedKiBTicks / (double)Tick.PerSecond,
        SwapFaults = swapFaults,
        FileFaults = fileFaults,
        OomKills = oomKills,
        Panics = panics,
        OomKillsByBalancer = killsByBalancer,
        LeastActual = KiB.Min(least, most),
        MostActual = most,
        Moved = moved,
        TargetsWritten = targetsWritten,
        Reversals = reversals,
    };
}
