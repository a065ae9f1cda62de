using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>A guest's swap.</summary>
public sealed record SwapDescription
{
    /// <summary>No swap: the first page that does not fit ends in an OOM kill.</summary>
    public static SwapDescription None { get; } = new() { Size = KiB.Zero };

    /// <summary>How much fits.</summary>
    public KiB Size { get; init; } = KiB.FromMiB(1024);

    /// <summary>How much can be moved in a second, in and out together.</summary>
    public KiB PerSecond { get; init; } = KiB.FromMiB(200);
}
