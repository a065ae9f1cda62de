using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// Whole pages at a rate that need not be whole pages a tick: what is left of a page is carried over, so that 41 KiB/s is 41 KiB/s. Time in which
/// nothing is moved earns nothing.
/// </summary>
/// <param name="perSecond">The rate.</param>
internal struct RateLimit(KiB perSecond)
{
    // In KiB times ticks a second, to stay in whole numbers.
    private long credit;

    /// <summary>What may be moved in this tick still.</summary>
    public readonly KiB Allowed => new KiB(credit / Machine.TicksPerSecond).FloorToPage();

    /// <summary>Begins the next tick.</summary>
    public void Refill() => credit = Math.Min(credit, KiB.PerPage * Machine.TicksPerSecond) + perSecond.Value;

    /// <summary>Uses some of it up.</summary>
    public void Spend(KiB moved) => credit -= moved.Value * Machine.TicksPerSecond;
}
