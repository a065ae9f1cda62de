using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A balloon driver that behaves as Linux's: it moves at its rate as far as it can. When it cannot move at all it
/// waits for 2, 4 and 8 s, and after the fourth failure it gives up until the target changes. (Its batches of 512
/// pages are shorter than a tick and are not modelled.)
/// </summary>
/// <param name="description">Its rates, limits and times without movement.</param>
internal sealed class BalloonDriver(BalloonDescription description)
{
    private const int MaxFailures = 4;

    private RateLimit shrink = new(description.ShrinkPerSecond);
    private RateLimit grow = new(description.GrowPerSecond);
    private int failures;
    private TimeSpan notBefore;

    /// <summary>Whether the host had less free memory than the last attempt requested.</summary>
    public bool RefusedByHost { get; private set; }

    /// <summary>Whether two or more consecutive attempts failed.</summary>
    public bool HasFailedAgain => failures > 1;

    /// <summary>The target has changed its value: the next attempt is made at once.</summary>
    public void OnTargetChanged() => (failures, notBefore) = (0, TimeSpan.Zero);

    /// <summary>Moves for one tick.</summary>
    /// <param name="now">The scenario time.</param>
    /// <param name="gap">The goal minus the actual memory; negative if the guest has to shrink.</param>
    /// <param name="actual">The domain's memory.</param>
    /// <param name="yielding">The memory that the guest's kernel can give up.</param>
    /// <param name="cap">The growth that the domain's maxmem still allows.</param>
    /// <param name="free">The host's free memory.</param>
    /// <returns>The memory taken; negative for memory given back.</returns>
    public KiB Advance(TimeSpan now, KiB gap, KiB actual, KiB yielding, KiB cap, KiB free)
    {
        RefusedByHost = false;
        if (gap == KiB.Zero || now < notBefore || failures >= MaxFailures || description.IsStuckAt(now))
            return KiB.Zero;
        return gap > KiB.Zero
            ? Grow(now, KiB.Min(gap, Growable(actual)), cap, free)
            : -Shrink(now, -gap, KiB.Min(yielding, actual - description.HiddenFloor));
    }

    // Without memory hotplug the driver knows no page beyond the ceiling: it requests nothing, and so does not fail.
    private KiB Growable(KiB actual) => description.Ceiling is { } ceiling
        ? KiB.Max(KiB.Zero, (ceiling - actual).FloorToPage()) : new KiB(long.MaxValue);

    private KiB Grow(TimeSpan now, KiB gap, KiB cap, KiB free)
    {
        grow.Refill();
        KiB wanted = KiB.Min(gap, grow.Allowed);
        RefusedByHost = KiB.Min(wanted, cap) > free;
        KiB taken = Move(now, wanted, KiB.Min(cap, free));
        grow.Spend(taken);
        return taken;
    }

    private KiB Shrink(TimeSpan now, KiB gap, KiB possible)
    {
        shrink.Refill();
        KiB given = Move(now, KiB.Min(gap, shrink.Allowed), possible);
        shrink.Spend(given);
        return given;
    }

    private KiB Move(TimeSpan now, KiB wanted, KiB possible)
    {
        if (wanted == KiB.Zero) return KiB.Zero;
        KiB moved = KiB.Min(wanted, possible.FloorToPage());
        if (moved > KiB.Zero)
        {
            failures = 0;
            return moved;
        }

        failures++;
        notBefore = now + TimeSpan.FromSeconds(1 << failures);
        return KiB.Zero;
    }
}

/// <summary>
/// A rate limit that moves whole pages. The remainder of a page is carried over, so that 41 KiB/s is exact on average;
/// unused time is not.
/// </summary>
/// <param name="perSecond">The rate.</param>
internal struct RateLimit(KiB perSecond)
{
    // In KiB times ticks per second, to stay in whole numbers.
    private long credit;

    /// <summary>The memory that may still move in this tick.</summary>
    public readonly KiB Allowed => new KiB(credit / Tick.PerSecond).FloorToPage();

    /// <summary>Starts the next tick.</summary>
    public void Refill() => credit = Math.Min(credit, KiB.PerPage * Tick.PerSecond) + perSecond.Value;

    /// <summary>Subtracts moved memory.</summary>
    public void Spend(KiB moved) => credit -= moved.Value * Tick.PerSecond;
}
