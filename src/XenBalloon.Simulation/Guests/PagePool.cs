using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>Pages of one sort that are in RAM or in swap, and nowhere else.</summary>
internal struct PagePool
{
    /// <summary>Those in RAM.</summary>
    public KiB Resident { get; private set; }

    /// <summary>Those in swap.</summary>
    public KiB Swapped { get; private set; }

    /// <summary>All of them.</summary>
    public readonly KiB Held => Resident + Swapped;

    /// <summary>Programs touch new pages.</summary>
    public void Add(KiB pages) => Resident += pages;

    /// <summary>Programs free all but this; what they free was in RAM or in swap in the proportion of the two.</summary>
    public void ShrinkTo(KiB demand)
    {
        if (Swapped > KiB.Zero) Swapped = Swapped.Times((double)demand.Value / Held.Value).FloorToPage();
        Resident = demand - Swapped;
    }

    /// <summary>Pushes out as much of this as there is in RAM.</summary>
    /// <returns>What was pushed out.</returns>
    public KiB PushOut(KiB pages)
    {
        KiB pushed = KiB.Min(pages, Resident);
        Resident -= pushed;
        Swapped += pushed;
        return pushed;
    }

    /// <summary>Brings back what is in swap.</summary>
    public void BringIn(KiB pages)
    {
        Swapped -= pages;
        Resident += pages;
    }
}
