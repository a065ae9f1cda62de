using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A guest's balloon driver, as Linux's behaves: moves at its rate as far as it can, backs off 2, 4 and 8 s when it cannot move at all, and after the
/// fourth failure gives up until the target changes. (Its 512-page batches are shorter than a tick and do not show.)
/// </summary>
/// <param name="description">How fast it is, and when it is stuck.</param>
internal sealed class BalloonDriver(BalloonDescription description)
{
    private const int MaxFailures = 4;

    private RateLimit shrink = new(description.ShrinkPerSecond);
    private RateLimit grow = new(description.GrowPerSecond);
    private int failures;
    private TimeSpan notBefore;

    /// <summary>Whether the host had less to give than it asked for, when it last tried.</summary>
    public bool RefusedByHost { get; private set; }

    /// <summary>Whether it failed, tried again and failed again.</summary>
    public bool HasFailedAgain => failures > 1;

    /// <summary>The target has been written, to another value than before: it tries again, at once.</summary>
    public void OnTargetChanged() => (failures, notBefore) = (0, TimeSpan.Zero);

    /// <summary>Moves for one tick.</summary>
    /// <param name="now">The scenario's time.</param>
    /// <param name="gap">What is missing to its goal; negative where it has too much.</param>
    /// <param name="actual">What the hypervisor holds for the guest.</param>
    /// <param name="yielding">What the guest's kernel can give up.</param>
    /// <param name="cap">What the hypervisor lets it have further, by the guest's maxmem.</param>
    /// <param name="free">What is free on the host.</param>
    /// <returns>What it took; negative for what it gave back.</returns>
    public KiB Advance(TimeSpan now, KiB gap, KiB actual, KiB yielding, KiB cap, KiB free)
    {
        RefusedByHost = false;
        if (gap == KiB.Zero || now < notBefore || failures >= MaxFailures || description.IsStuckAt(now))
            return KiB.Zero;
        return gap > KiB.Zero ? Grow(now, KiB.Min(gap, Growable(actual)), cap, free) : -Shrink(now, -gap, KiB.Min(yielding, actual - description.HiddenFloor));
    }

    // Without hotplug the driver knows no page beyond: it does not even ask, and so does not fail.
    private KiB Growable(KiB actual) => description.Ceiling is { } ceiling ? KiB.Max(KiB.Zero, (ceiling - actual).FloorToPage()) : new KiB(long.MaxValue);

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
