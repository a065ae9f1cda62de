using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>How a guest's balloon driver works. The default rates are those measured of Linux under Xen.</summary>
public sealed record BalloonDescription
{
    /// <summary>A driver that keeps up: 0.9 GiB/s down, 2.3 GiB/s up.</summary>
    public static BalloonDescription Normal { get; } = new();

    /// <summary>A trickler: 40 KiB/s either way, with which one domain can hold a whole host up.</summary>
    public static BalloonDescription Slow { get; } = new() { ShrinkPerSecond = new KiB(40), GrowPerSecond = new KiB(40) };

    /// <summary>A driver that never moves: not loaded, or broken.</summary>
    public static BalloonDescription Stuck { get; } = new() { StuckFrom = TimeSpan.Zero };

    /// <summary>The most it gives back in a second.</summary>
    public KiB ShrinkPerSecond { get; init; } = KiB.FromMiB(1024).Times(0.9);

    /// <summary>The most it takes in a second.</summary>
    public KiB GrowPerSecond { get; init; } = KiB.FromMiB(1024).Times(2.3);

    /// <summary>It refuses to go below this, without saying so. Linux has no such floor; Windows has.</summary>
    public KiB HiddenFloor { get; init; }

    /// <summary>It cannot grow beyond this, without saying so (no memory hotplug in the guest); null for no such limit.</summary>
    public KiB? Ceiling { get; init; }

    /// <summary>It is stuck again and again: once in this time; null for never.</summary>
    public TimeSpan? StuckEvery { get; init; }

    /// <summary>For how long, from the beginning of each <see cref="StuckEvery"/>.</summary>
    public TimeSpan StuckFor { get; init; }

    /// <summary>When it stops moving, in the scenario's time; null for never.</summary>
    public TimeSpan? StuckFrom { get; init; }

    /// <summary>When it moves again, in the scenario's time; null for never.</summary>
    public TimeSpan? StuckUntil { get; init; }

    /// <summary>Whether it does not move at this moment of the scenario's time, whatever is asked of it.</summary>
    internal bool IsStuckAt(TimeSpan now) =>
        (now >= StuckFrom && !(now >= StuckUntil)) || (StuckEvery is { } period
            && now.Ticks % period.Ticks < StuckFor.Ticks);
}
