using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A model of a Linux guest's memory management under ballooning. Anonymous and shared memory stay resident, the page
/// cache takes the rest. What does not fit is swapped out, coldest first, and costs faults unless it is cold.
/// </summary>
internal sealed class GuestMemory
{
    /// <summary>The period in which programs touch all memory that they use and read missing pages back.</summary>
    public const int TicksPerRound = 4 * Tick.PerSecond;

    // The fastest rate at which programs touch new memory.
    private static readonly KiB AllocatedPerTick = Tick.Share(KiB.FromMiB(1024));

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

    /// <summary>Creates the memory management of a kernel before any program runs.</summary>
    public GuestMemory(GuestDescription description)
    {
        overhead = description.Overhead;
        swap = description.Swap;
        overcommit = description.Overcommit;
        cache = new PageCache(description.Cache);
        swapIo = new RateLimit(swap.PerSecond);

        // Linux sets min_free_kbytes = √(16 × memory) at boot; the high watermark is 3/2 of it and is not available.
        double free = Math.Sqrt(16.0 * description.BootMemory.Value);
        reserve = new KiB((long)(1.5 * free)).CeilingToPage();
    }

    /// <summary>Anonymous and shared memory in RAM.</summary>
    public KiB Resident => hot.Resident + shared.Resident + cold.Resident;

    /// <summary>Anonymous and shared memory in swap.</summary>
    public KiB Swapped => hot.Swapped + shared.Swapped + cold.Swapped;

    /// <summary>
    /// The domain memory that the current demand needs to run almost without waiting. Cold memory counts only if swap
    /// cannot hold it, and the cache only as far as it saves noticeable time.
    /// </summary>
    public KiB Needed { get; private set; }

    /// <summary>
    /// The part of the domain's memory in use: anonymous and shared memory in RAM, the useful part of the cache, and
    /// the kernel's own memory.
    /// </summary>
    public KiB InUse => overhead + reserve + Resident + KiB.Min(cache.Size, files + cache.Useful);

    /// <summary>Time in the last tick in which some task waited for memory.</summary>
    public TimeSpan LastWait => counters.LastWait;

    private KiB SwapFree => swap.Size - Swapped;

    /// <summary>MemTotal.</summary>
    public KiB Total(KiB actual) => KiB.Max(KiB.Zero, actual - overhead);

    /// <summary>MemAvailable: free memory and cache, less the watermarks.</summary>
    public KiB Available(KiB actual) => KiB.Max(KiB.Zero, Headroom(actual));

    /// <summary>Whether a demand fits into this much memory and all of the swap.</summary>
    public bool Fits(KiB actual, in MemoryDemand demand) =>
        demand.Unreclaimable <= Total(actual) - reserve + swap.Size;

    /// <summary>
    /// The memory that the balloon can take in this tick: at most what is available (Linux's limit since XSA-300), and
    /// what the balloon's pressure swaps out at the speed of swap.
    /// </summary>
    public KiB TakenPerTick(KiB actual) => KiB.Max(KiB.Zero, Headroom(actual) + KiB.Min(SwapFree, swapIo.Allowed));

    /// <summary>Whether no memory is available and swap is full.</summary>
    public bool IsExhausted(KiB actual) => Headroom(actual) <= KiB.Zero && SwapFree == KiB.Zero;

    /// <summary>Places the demand of a guest that has been running before the scenario begins.</summary>
    public void Fill(KiB actual, in MemoryDemand demand)
    {
        SetDemand(demand);
        hot.Add(KiB.Min(demand.Hot, Available(actual)));
        shared.Add(KiB.Min(demand.Shared, Available(actual)));
        cold.Add(KiB.Min(demand.Cold, Available(actual)));
        cache.Fill(Available(actual));
    }

    /// <summary>Frees all memory of the programs, at the end of the domain.</summary>
    public void Drop() => (hot, shared, cold) = (default, default, default);

    /// <summary>The OOM killer kills all programs.</summary>
    public void KillPrograms()
    {
        counters.OnOomKill();
        Drop();
    }

    /// <summary>Advances by one tick.</summary>
    /// <param name="actual">The domain's memory.</param>
    /// <param name="demand">The programs' demand.</param>
    public MemoryCost Advance(KiB actual, in MemoryDemand demand)
    {
        SetDemand(demand);
        KiB budget = AllocatedPerTick;
        KiB pushed = KiB.Zero;
        bool fits = Allocate(actual, ref hot, demand.Hot, ref budget, ref pushed)
            & Allocate(actual, ref shared, demand.Shared, ref budget, ref pushed)
            & Allocate(actual, ref cold, demand.Cold, ref budget, ref pushed)
            & SwapOutExcess(actual);
        long swapFaults = SwapIn(actual, ref hot) + SwapIn(actual, ref shared);
        CacheMisses missed = cache.Advance(Available(actual), demand.Files);
        swapIo.Refill();
        var cost = new MemoryCost(swapFaults, missed.Total, missed.Refaults, TimeToSwap(pushed), !fits);
        counters.Count(cost);
        return cost;
    }

    /// <summary><see cref="Needed"/> for another demand.</summary>
    public KiB NeededFor(in MemoryDemand demand) =>
        overhead + reserve + demand.Hot + demand.Shared + KiB.Max(KiB.Zero, demand.Cold - swap.Size) + demand.Files
        + cache.Useful;

    /// <summary>The kernel statistics that XenBalloon's agent reports.</summary>
    /// <param name="actual">The domain's memory.</param>
    public GuestVitals Vitals(KiB actual) => new()
    {
        Free = KiB.Max(KiB.Zero, Total(actual) - Resident - cache.Size),
        Anonymous = hot.Resident + cold.Resident,
        FileCache = cache.Size,
        Shared = shared.Resident,
        SwapTotal = swap.Size,
        SwapUsed = Swapped,
        Committed = wanted.Times(1 + overcommit),
        SwapIns = counters.SwapIns,
        OomKills = counters.OomKills,
        MemorySomeTotal = counters.MemorySomeTotal,
        MemorySome = counters.MemorySome,
        IoSome = counters.IoSome,
    };

    private void SetDemand(in MemoryDemand demand) =>
        (wanted, files, Needed) = (demand.Unreclaimable, demand.Files, NeededFor(demand));

    // Negative if more is resident than fits.
    private KiB Headroom(KiB actual) => Total(actual) - reserve - Resident;

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

        // Each further page pushes another page out. Beyond the speed of swap the programs wait.
        KiB forced = KiB.Min(growth - fitting, KiB.Min(SwapFree, swapIo.Allowed));
        pool.Add(forced);
        SwapOut(forced);
        pushed += forced;
        return fitting + forced == growth || SwapFree > KiB.Zero;
    }

    private bool SwapOutExcess(KiB actual)
    {
        KiB excess = -Headroom(actual);
        if (excess <= KiB.Zero) return true;
        KiB pushed = SwapOut(KiB.Min(excess, KiB.Min(SwapFree, swapIo.Allowed)));
        return pushed == excess || (SwapFree > KiB.Zero && Resident > KiB.Zero);
    }

    private KiB SwapOut(KiB pages)
    {
        KiB pushed = cold.SwapOut(pages);
        pushed += shared.SwapOut(pages - pushed);
        pushed += hot.SwapOut(pages - pushed);
        swapIo.Spend(pushed);
        return pushed;
    }

    private long SwapIn(KiB actual, ref PagePool pool)
    {
        if (pool.Swapped == KiB.Zero) return 0;
        KiB missed = new KiB((pool.Swapped.Value + TicksPerRound - 1) / TicksPerRound).CeilingToPage();
        KiB touched = KiB.Min(missed, swapIo.Allowed);

        // If RAM is full, each page that comes in pushes another one out. If that one is not cold either, the guest
        // thrashes: the amount in swap stays the same.
        KiB staying = KiB.Min(touched, Available(actual));
        staying += cold.SwapOut(touched - staying);
        pool.SwapIn(staying);
        swapIo.Spend(touched);
        return touched.Value / KiB.PerPage;
    }

    private TimeSpan TimeToSwap(KiB pages) =>
        pages == KiB.Zero ? TimeSpan.Zero : TimeSpan.FromSeconds((double)pages.Value / swap.PerSecond.Value);
}

/// <summary>The memory demand of a guest's programs in a tick.</summary>
/// <param name="Hot">Anonymous memory in use.</param>
/// <param name="Cold">Anonymous memory that is allocated and never touched.</param>
/// <param name="Shared">tmpfs and shared memory.</param>
/// <param name="Files">Files that are read repeatedly.</param>
internal readonly record struct MemoryDemand(KiB Hot, KiB Cold, KiB Shared, KiB Files)
{
    /// <summary>Memory that must be in RAM or in swap.</summary>
    public KiB Unreclaimable => Hot + Cold + Shared;
}

/// <summary>The faults and waiting of a guest in a tick.</summary>
/// <param name="SwapFaults">Pages read back from swap.</param>
/// <param name="FileFaults">Pages of files read because they were not in the cache.</param>
/// <param name="Refaults">The part of <paramref name="FileFaults"/> that a sufficient cache would have held.</param>
/// <param name="Reclaiming">How long allocations waited for other pages to be swapped out (direct reclaim).</param>
/// <param name="OutOfMemory">Whether the demand did not fit although swap is full.</param>
internal readonly record struct MemoryCost(
    long SwapFaults, long FileFaults, long Refaults, TimeSpan Reclaiming, bool OutOfMemory)
{
    /// <summary>
    /// The waiting time for a page of a file, in ticks of <see cref="TimeSpan"/>. It is short because read-ahead brings
    /// a dozen pages with each request, most of them before they are missed.
    /// </summary>
    public const long WaitPerFileFault = 10 * TimeSpan.TicksPerMicrosecond;

    // Swapped pages come one by one from an SSD.
    private const long WaitPerSwapFault = 100 * TimeSpan.TicksPerMicrosecond;

    /// <summary>The total waiting time of the programs; at most the whole tick.</summary>
    public TimeSpan Stalled => Wait(FileFaults);

    /// <summary>The waiting time that PSI counts as memory: not for files that no cache would have held.</summary>
    public TimeSpan MemoryWait => Wait(Refaults);

    private TimeSpan Wait(long files)
    {
        long wait = (WaitPerSwapFault * SwapFaults) + (WaitPerFileFault * files) + Reclaiming.Ticks;
        return new TimeSpan(Math.Min(wait, Tick.Length.Ticks));
    }
}

/// <summary>Pages of one kind, in RAM or in swap.</summary>
internal struct PagePool
{
    /// <summary>The pages in RAM.</summary>
    public KiB Resident { get; private set; }

    /// <summary>The pages in swap.</summary>
    public KiB Swapped { get; private set; }

    /// <summary>All pages.</summary>
    public readonly KiB Held => Resident + Swapped;

    /// <summary>Adds new pages in RAM.</summary>
    public void Add(KiB pages) => Resident += pages;

    /// <summary>Frees all but this amount, from RAM and swap in proportion.</summary>
    public void ShrinkTo(KiB demand)
    {
        if (Swapped > KiB.Zero) Swapped = Swapped.Times((double)demand.Value / Held.Value).FloorToPage();
        Resident = demand - Swapped;
    }

    /// <summary>Moves pages from RAM to swap, as far as there are any.</summary>
    /// <returns>The pages moved.</returns>
    public KiB SwapOut(KiB pages)
    {
        KiB pushed = KiB.Min(pages, Resident);
        Resident -= pushed;
        Swapped += pushed;
        return pushed;
    }

    /// <summary>Moves pages from swap to RAM.</summary>
    public void SwapIn(KiB pages)
    {
        Swapped -= pages;
        Resident += pages;
    }
}
