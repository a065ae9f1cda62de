using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>How a guest's programs read files, and what a page cache saves them.</summary>
public sealed record CacheDescription
{
    /// <summary>No file reads.</summary>
    public static CacheDescription None { get; } = new();

    /// <summary>The size of the files that are read repeatedly.</summary>
    public KiB WorkingSet { get; init; }

    /// <summary>Page lookups per second.</summary>
    public double LookupsPerSecond { get; init; }

    /// <summary>The part of the lookups that misses, by cache size.</summary>
    public MissCurve Curve { get; init; } = new LongTailMissCurve();
}

/// <summary>
/// The miss ratio of a cache by its size: 1 without a cache, and never rising. LRU caches have been described so since
/// Mattson's stack distances (1970): the hits of a larger cache are known without running it.
/// </summary>
public abstract record MissCurve
{
    /// <summary>The part of the lookups that misses, 0 to 1.</summary>
    /// <param name="fill">The cache size as a part of the working set: 0 for none, 1 for all of it.</param>
    public abstract double At(double fill);
}

/// <summary>An exponential decline.</summary>
/// <param name="AtWorkingSet">
/// The miss ratio of a cache as large as the working set, more than 0 and less than 1.
/// </param>
public sealed record ExponentialMissCurve(double AtWorkingSet = 0.05) : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill) => Math.Pow(AtWorkingSet, Math.Max(0, fill));
}

/// <summary>A long tail, as of Zipf-like popularity: more cache always saves some more reads.</summary>
/// <param name="Exponent">
/// The steepness, more than 0: with a cache as large as the working set 2<sup>−exponent</sup> misses.
/// </param>
public sealed record LongTailMissCurve(double Exponent = 2) : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill) => Math.Pow(1 + Math.Max(0, fill), -Exponent);
}

/// <summary>A loop over the working set: with LRU every lookup misses until the last page fits.</summary>
public sealed record LoopMissCurve : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill) => fill < 1 ? 1 : 0;
}

/// <summary>
/// A measured curve: straight lines from (0, 1) through all points; the last value also holds for larger caches.
/// </summary>
/// <param name="Points">In ascending order of size, with misses that never rise.</param>
public sealed record TableMissCurve(ImmutableArray<MissPoint> Points) : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill)
    {
        var from = new MissPoint(0, 1);
        foreach (MissPoint to in Points)
        {
            if (fill < to.Fill)
                return from.Misses + ((to.Misses - from.Misses) * (fill - from.Fill) / (to.Fill - from.Fill));
            from = to;
        }

        return from.Misses;
    }

    /// <inheritdoc/>
    public bool Equals(TableMissCurve? other) =>
        other is not null && Points.AsSpan().SequenceEqual(other.Points.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Points.Length;
}

/// <summary>A point of a miss curve.</summary>
/// <param name="Fill">The cache size as a part of the working set.</param>
/// <param name="Misses">The part of the lookups that misses, 0 to 1.</param>
public readonly record struct MissPoint(double Fill, double Misses);
