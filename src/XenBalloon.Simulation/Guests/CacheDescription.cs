using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>How a guest's programs read files: what page cache saves them.</summary>
public sealed record CacheDescription
{
    /// <summary>No reading to speak of.</summary>
    public static CacheDescription None { get; } = new();

    /// <summary>The files that are read again and again.</summary>
    public KiB WorkingSet { get; init; }

    /// <summary>Pages that are looked up in a second.</summary>
    public double LookupsPerSecond { get; init; }

    /// <summary>Which of them miss, by how much of the working set is in the cache.</summary>
    public MissCurve Curve { get; init; } = new LongTailMissCurve();
}
