using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A Linux guest's memory management, as far as a balancer can hurt it: anonymous memory stays, page cache takes what is left, and what does not fit
/// goes to swap and is missed there.
/// </summary>
internal sealed class GuestMemory
{
    /// <summary>What init and the kernel's own threads need: nothing of this can be killed, and without it the kernel panics.</summary>
    public static readonly KiB Essential = KiB.FromMiB(16);

    /// <summary>All of what a guest uses is touched once in this time; what is not there then has to be read.</summary>
    private const int TicksPerRound = 4 * Machine.TicksPerSecond;

    // Programs touch new memory, and files are read, no faster than this.
    private static readonly KiB AllocatedPerTick = Machine.PerTick(KiB.FromMiB(1024));
    private static readonly KiB CachedPerTick = Machine.PerTick(KiB.FromMiB(200));

    private readonly KiB overhead;
    private readonly KiB reserve;
    private readonly KiB swapSize;
    private RateLimit swapIo;

    /// <summary>Creates a kernel's memory management, before anything runs.</summary>
    public GuestMemory(GuestDescription description)
    {
        overhead = description.Overhead;
        swapSize = description.Swap.Size;
        swapIo = new RateLimit(description.Swap.PerSecond);

        // The watermarks that Linux sets at boot: min_free_kbytes = √(16 × memory), of which 3/2 is the high one. It counts as not available.
        double free = Math.Sqrt(16.0 * description.BootMemory.Value);
        reserve = new KiB((long)(1.5 * free)).CeilingToPage();
    }

    /// <summary>Anonymous memory in RAM.</summary>
    public KiB Resident { get; private set; }

    /// <summary>Anonymous memory in swap.</summary>
    public KiB Swapped { get; private set; }

    /// <summary>Page cache.</summary>
    public KiB Cache { get; private set; }

    private KiB SwapFree => swapSize - Swapped;

    /// <summary>MemTotal.</summary>
    public KiB Total(KiB actual) => KiB.Max(KiB.Zero, actual - overhead);

    /// <summary>MemAvailable: free or cache, less the watermarks.</summary>
    public KiB Available(KiB actual) => KiB.Max(KiB.Zero, Room(actual));

    /// <summary>
    /// What the balloon can take in this tick. The driver has no floor: besides all cache it takes the watermarks' pages, and those that swap out
    /// under its pressure, as fast as swap is.
    /// </summary>
    public KiB Yielding(KiB actual) => KiB.Max(KiB.Zero, Total(actual) - Resident + KiB.Min(SwapFree, swapIo.Allowed));

    /// <summary>Puts the load of a guest that was there before the scenario began into memory at once.</summary>
    public void Settle(KiB actual, KiB demand)
    {
        Resident = KiB.Min(demand, Available(actual));
        Cache = Available(actual);
    }

    /// <summary>The OOM killer has struck, or the guest is gone: all that programs held is free.</summary>
    public void Drop() => (Resident, Swapped) = (KiB.Zero, KiB.Zero);

    /// <summary>Lives through one tick.</summary>
    /// <param name="actual">What the hypervisor holds for the guest.</param>
    /// <param name="demand">Anonymous memory that its programs want to hold.</param>
    /// <param name="files">Files that its programs read again and again.</param>
    public MemoryTick Advance(KiB actual, KiB demand, KiB files)
    {
        bool fits = Allocate(actual, demand) & MakeRoom(actual);
        long swapFaults = SwapIn(actual);
        long fileFaults = Read(actual, files);
        swapIo.Refill();
        return new MemoryTick(swapFaults, fileFaults, !fits);
    }

    private KiB Room(KiB actual) => Total(actual) - reserve - Resident;

    private bool Allocate(KiB actual, KiB demand)
    {
        KiB held = Resident + Swapped;
        if (demand <= held)
        {
            // What programs free was in RAM or in swap in the proportion of the two.
            if (Swapped > KiB.Zero) Swapped = Swapped.Times((double)demand.Value / held.Value).FloorToPage();
            Resident = demand - Swapped;
            return true;
        }

        KiB growth = KiB.Min(demand - held, AllocatedPerTick);
        KiB fitting = KiB.Min(growth, Available(actual));
        Resident += fitting;
        if (fitting == growth) return true;

        // Each further page pushes another one out; past the speed of swap the programs wait.
        KiB pushed = KiB.Min(growth - fitting, KiB.Min(SwapFree, swapIo.Allowed));
        Swapped += pushed;
        swapIo.Spend(pushed);
        return fitting + pushed == growth || SwapFree > KiB.Zero;
    }

    private bool MakeRoom(KiB actual)
    {
        KiB excess = -Room(actual);
        if (excess <= KiB.Zero) return true;
        KiB pushed = KiB.Min(KiB.Min(excess, Resident), KiB.Min(SwapFree, swapIo.Allowed));
        Resident -= pushed;
        Swapped += pushed;
        swapIo.Spend(pushed);
        return pushed == excess || (SwapFree > KiB.Zero && Resident > KiB.Zero);
    }

    private long SwapIn(KiB actual)
    {
        if (Swapped == KiB.Zero) return 0;
        KiB missed = new KiB((Swapped.Value + TicksPerRound - 1) / TicksPerRound).CeilingToPage();
        KiB touched = KiB.Min(missed, swapIo.Allowed);

        // Where there is no room, each page that comes in pushes another one out: it thrashes, and stays as much swapped as before.
        KiB staying = KiB.Min(touched, Available(actual));
        Swapped -= staying;
        Resident += staying;
        swapIo.Spend(touched);
        return touched.Value / KiB.PerPage;
    }

    private long Read(KiB actual, KiB files)
    {
        KiB most = Available(actual);
        Cache = KiB.Min(most, Cache + CachedPerTick);
        if (files <= Cache) return 0;
        KiB missed = new((files - Cache).Value / TicksPerRound);
        return KiB.Min(missed, CachedPerTick).Value / KiB.PerPage;
    }
}
