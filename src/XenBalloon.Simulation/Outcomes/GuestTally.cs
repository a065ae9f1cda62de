using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Outcomes;

/// <summary>Counts how a guest fares.</summary>
internal sealed class GuestTally
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
    /// <param name="cost">What that cost it.</param>
    /// <param name="swapped">What it has in swap.</param>
    /// <param name="dead">Whether its programs were dead, so that nothing of what it is for was done.</param>
    public void OnWorked(in MemoryTick cost, KiB swapped, bool dead)
    {
        workedTicks++;
        swapFaults += cost.SwapFaults;
        fileFaults += cost.FileFaults;
        swappedKiBTicks += swapped.Value;
        stalled += dead ? Machine.TickLength : cost.Stalled;
    }

    /// <summary>The guest should have worked for a tick, but its kernel has panicked.</summary>
    public void OnMissed()
    {
        workedTicks++;
        stalled += Machine.TickLength;
    }

    /// <summary>The guest now holds this much, after this much was moved.</summary>
    public void OnActual(KiB actual, KiB moved)
    {
        least = KiB.Min(least, actual);
        this.most = KiB.Max(this.most, actual);
        this.moved += KiB.Max(moved, -moved);
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

    /// <summary>The OOM killer has struck.</summary>
    public void OnOomKill() => oomKills++;

    /// <summary>The kernel has panicked.</summary>
    public void OnPanic() => panics++;

    /// <summary>An OOM kill or panic would not have come but for a target that the balancer lowered.</summary>
    public void OnKillByBalancer() => killsByBalancer++;

    /// <summary>The sums so far.</summary>
    public GuestOutcome Sum(string name, bool present, KiB resident, KiB swapped) => new()
    {
        Name = name,
        Present = present,
        Worked = Machine.TickLength * workedTicks,
        Stalled = stalled,
        Swapped = swapped,
        Resident = resident,
        SwappedKiBSeconds = swappedKiBTicks / (double)Machine.TicksPerSecond,
        SwapFaults = swapFaults,
        FileFaults = fileFaults,
        OomKills = oomKills,
        Panics = panics,
        OomKillsByBalancer = killsByBalancer,
        LeastActual = KiB.Min(least, this.most),
        MostActual = this.most,
        Moved = this.moved,
        TargetsWritten = targetsWritten,
        Reversals = reversals,
    };
}
