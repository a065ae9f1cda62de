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
    private long _credit;

    /// <summary>What may be moved in this tick still.</summary>
    public readonly KiB Allowed => new KiB(_credit / Machine.TicksPerSecond).FloorToPage();

    /// <summary>Begins the next tick.</summary>
    public void Refill() => _credit = Math.Min(_credit, KiB.PerPage * Machine.TicksPerSecond) + perSecond.Value;

    /// <summary>Uses some of it up.</summary>
    public void Spend(KiB moved) => _credit -= moved.Value * Machine.TicksPerSecond;
}
