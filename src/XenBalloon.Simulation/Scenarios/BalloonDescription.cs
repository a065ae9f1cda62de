using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>A guest's balloon driver. The default rates were measured with Linux on Xen.</summary>
public sealed record BalloonDescription
{
    /// <summary>A normal driver: it shrinks by 0.9 GiB/s and grows by 2.3 GiB/s.</summary>
    public static BalloonDescription Normal { get; } = new();

    /// <summary>A driver that moves 40 KiB/s: one such domain can delay a whole host.</summary>
    public static BalloonDescription Slow { get; } =
        new() { ShrinkPerSecond = new KiB(40), GrowPerSecond = new KiB(40) };

    /// <summary>A driver that never moves: not loaded, or broken.</summary>
    public static BalloonDescription Stuck { get; } = new() { StuckFrom = TimeSpan.Zero };

    /// <summary>The most memory that it gives back in a second.</summary>
    public KiB ShrinkPerSecond { get; init; } = KiB.FromMiB(1024).Times(0.9);

    /// <summary>The most memory that it takes in a second.</summary>
    public KiB GrowPerSecond { get; init; } = KiB.FromMiB(1024).Times(2.3);

    /// <summary>It silently stops at this size when it shrinks. Linux has no such floor; Windows has.</summary>
    public KiB HiddenFloor { get; init; }

    /// <summary>
    /// It silently stops at this size when it grows (no memory hotplug in the guest); null for no such limit.
    /// </summary>
    public KiB? Ceiling { get; init; }

    /// <summary>The period at which it is stuck for <see cref="StuckFor"/>; null for never.</summary>
    public TimeSpan? StuckEvery { get; init; }

    /// <summary>How long it is stuck, from the start of each <see cref="StuckEvery"/>.</summary>
    public TimeSpan StuckFor { get; init; }

    /// <summary>When it stops moving, in scenario time; null for never.</summary>
    public TimeSpan? StuckFrom { get; init; }

    /// <summary>When it moves again, in scenario time; null for never.</summary>
    public TimeSpan? StuckUntil { get; init; }

    /// <summary>Whether it ignores all targets at this scenario time.</summary>
    internal bool IsStuckAt(TimeSpan now) =>
        (now >= StuckFrom && !(now >= StuckUntil))
        || (StuckEvery is { } period && now.Ticks % period.Ticks < StuckFor.Ticks);
}
