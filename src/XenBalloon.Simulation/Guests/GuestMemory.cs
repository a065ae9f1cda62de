using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A Linux guest's memory management, as far as a balancer can hurt it: anonymous and shared memory stay, page cache takes what is left, and what does
/// not fit goes to swap, coldest first, and is missed there unless it is cold. Split by aspect: <c>GuestMemory.Vitals</c> holds what its kernel shows.
/// </summary>
internal sealed partial class GuestMemory
{
    /// <summary>All of what a guest uses is touched once in this time; what is not there then has to be read.</summary>
    public const int TicksPerRound = 4 * Machine.TicksPerSecond;

    /// <summary>What init and the kernel's own threads need: nothing of this can be killed, and without it the kernel panics.</summary>
    public static readonly KiB Essential = KiB.FromMiB(16);

    // Programs touch new memory no faster than this.
    private static readonly KiB AllocatedPerTick = Machine.PerTick(KiB.FromMiB(1024));

    private readonly KiB overhead;
    private readonly KiB reserve;
    private readonly SwapDescription swap;
    private readonly double overcommit;
    private readonly PageCache cache;
    private readonly KernelCounters counters = new();
    private RateLimit swapIo;
    private PagePool hot;
    private PagePool shared;
    private PagePool cold;
    private KiB wanted;
    private KiB files;

    /// <summary>Creates a kernel's memory management, before anything runs.</summary>
    public GuestMemory(GuestDescription description)
    {
        overhead = description.Overhead;
        swap = description.Swap;
        overcommit = description.Overcommit;
        cache = new PageCache(description.Cache);
        swapIo = new RateLimit(swap.PerSecond);

        // The watermarks that Linux sets at boot: min_free_kbytes = √(16 × memory), of which 3/2 is the high one. It counts as not available.
        double free = Math.Sqrt(16.0 * description.BootMemory.Value);
        reserve = new KiB((long)(1.5 * free)).CeilingToPage();
    }

    /// <summary>Anonymous and shared memory in RAM.</summary>
    public KiB Resident => hot.Resident + shared.Resident + cold.Resident;

    /// <summary>Anonymous and shared memory in swap.</summary>
    public KiB Swapped => hot.Swapped + shared.Swapped + cold.Swapped;

    /// <summary>
    /// What the hypervisor would have to hold for it so that next to nothing that is wanted now is missed: cold memory counts only where swap cannot
    /// take it, and of the cache as much as saves noticeable time.
    /// </summary>
    public KiB Needed { get; private set; }

    /// <summary>
    /// What it uses just now of what the hypervisor holds for it: anonymous and shared memory in RAM, the part of its
    /// cache that is worth having, and what its kernel keeps.
    /// </summary>
    public KiB InUse => overhead + reserve + Resident + KiB.Min(cache.Size, files + cache.Useful);

    private KiB SwapFree => swap.Size - Swapped;

    /// <summary>MemTotal.</summary>
    public KiB Total(KiB actual) => KiB.Max(KiB.Zero, actual - overhead);

    /// <summary>MemAvailable: free or cache, less the watermarks.</summary>
    public KiB Available(KiB actual) => KiB.Max(KiB.Zero, Room(actual));

    /// <summary>Whether a load can be held with this much memory, and all of the swap.</summary>
    public bool Fits(KiB actual, in MemoryLoad load) => load.Unreclaimable <= Total(actual) - reserve + swap.Size;

    /// <summary>
    /// What the balloon can take in this tick: never more than what is available (Linux's driver since XSA-300), and what
    /// is swapped out under its pressure, as fast as swap is.
    /// </summary>
    public KiB Yielding(KiB actual) => KiB.Max(KiB.Zero, Room(actual) + KiB.Min(SwapFree, swapIo.Allowed));

    /// <summary>Whether nothing is available and nothing more can be swapped out.</summary>
    public bool IsExhausted(KiB actual) => Room(actual) <= KiB.Zero && SwapFree == KiB.Zero;

    /// <summary>Puts the load of a guest that was there before the scenario began into memory at once.</summary>
    public void Settle(KiB actual, in MemoryLoad load)
    {
        Want(load);
        hot.Add(KiB.Min(load.Hot, Available(actual)));
        shared.Add(KiB.Min(load.Shared, Available(actual)));
        cold.Add(KiB.Min(load.Cold, Available(actual)));
        cache.Fill(Available(actual));
    }

    /// <summary>The OOM killer has struck, or the guest is gone: all that programs held is free.</summary>
    public void Drop() => (hot, shared, cold) = (default, default, default);

    /// <summary>Lives through one tick.</summary>
    /// <param name="actual">What the hypervisor holds for the guest.</param>
    /// <param name="load">What its programs want.</param>
    public MemoryTick Advance(KiB actual, in MemoryLoad load)
    {
        Want(load);
        KiB budget = AllocatedPerTick;
        KiB pushed = KiB.Zero;
        bool fits = Allocate(actual, ref hot, load.Hot, ref budget, ref pushed)
            & Allocate(actual, ref shared, load.Shared, ref budget, ref pushed)
            & Allocate(actual, ref cold, load.Cold, ref budget, ref pushed)
            & MakeRoom(actual);
        long swapFaults = SwapIn(actual, ref hot) + SwapIn(actual, ref shared);
        CacheTick files = cache.Advance(Available(actual), load.Files);
        swapIo.Refill();
        var cost = new MemoryTick(swapFaults, files.Misses, files.Refaults, TimeToSwap(pushed), !fits);
        counters.Count(cost);
        return cost;
    }

    /// <summary>What <see cref="Needed"/> would be with this load.</summary>
    public KiB NeededFor(in MemoryLoad load) =>
        overhead + reserve + load.Hot + load.Shared + KiB.Max(KiB.Zero,
            load.Cold - swap.Size) + load.Files + cache.Useful;

    private void Want(in MemoryLoad load) =>
        (wanted, files, Needed) = (load.Unreclaimable, load.Files, NeededFor(load));

    private KiB Room(KiB actual) => Total(actual) - reserve - Resident;

    private bool Allocate(KiB actual, ref PagePool pool, KiB demand, ref KiB budget, ref KiB pushed)
    {
        if (demand <= pool.Held)
        {
            pool.ShrinkTo(demand);
            return true;
        }

        KiB growth = KiB.Min(demand - pool.Held, budget);
        KiB fitting = KiB.Min(growth, Available(actual));
        pool.Add(fitting);
        budget -= growth;
        if (fitting == growth) return true;

        // Each further page pushes another one out; past the speed of swap the programs wait.
        KiB forced = KiB.Min(growth - fitting, KiB.Min(SwapFree, swapIo.Allowed));
        pool.Add(forced);
        PushOut(forced);
        pushed += forced;
        return fitting + forced == growth || SwapFree > KiB.Zero;
    }

    private bool MakeRoom(KiB actual)
    {
        KiB excess = -Room(actual);
        if (excess <= KiB.Zero) return true;
        KiB pushed = PushOut(KiB.Min(excess, KiB.Min(SwapFree, swapIo.Allowed)));
        return pushed == excess || (SwapFree > KiB.Zero && Resident > KiB.Zero);
    }

    private KiB PushOut(KiB pages)
    {
        KiB pushed = cold.PushOut(pages);
        pushed += shared.PushOut(pages - pushed);
        pushed += hot.PushOut(pages - pushed);
        swapIo.Spend(pushed);
        return pushed;
    }

    private long SwapIn(KiB actual, ref PagePool pool)
    {
        if (pool.Swapped == KiB.Zero) return 0;
        KiB missed = new KiB((pool.Swapped.Value + TicksPerRound - 1) / TicksPerRound).CeilingToPage();
        KiB touched = KiB.Min(missed, swapIo.Allowed);

        // Where there is no room, each page that comes in pushes another one out. Where that is no cold one it thrashes: as much stays swapped as before.
        KiB staying = KiB.Min(touched, Available(actual));
        staying += cold.PushOut(touched - staying);
        pool.BringIn(staying);
        swapIo.Spend(touched);
        return touched.Value / KiB.PerPage;
    }

    private TimeSpan TimeToSwap(KiB pages) => pages == KiB.Zero ? TimeSpan.Zero : TimeSpan.FromSeconds((double)pages.Value / swap.PerSecond.Value);
}
