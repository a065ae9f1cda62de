using System.Collections.Immutable;

namespace XenBalloon.Simulation.Guests;

/// <summary>A measured curve: straight lines between points, from all lookups missing without a cache; the last point holds beyond it.</summary>
/// <param name="Points">In ascending order of size, with misses that never rise.</param>
public sealed record TableMissCurve(ImmutableArray<MissPoint> Points) : MissCurve
{
    /// <inheritdoc/>
    public override double At(double fill)
    {
        var from = new MissPoint(0, 1);
        foreach (MissPoint to in Points)
        {
            if (fill < to.Fill) return from.Misses + ((to.Misses - from.Misses) * (fill - from.Fill) / (to.Fill - from.Fill));
            from = to;
        }

        return from.Misses;
    }

    /// <inheritdoc/>
    public bool Equals(TableMissCurve? other) => other is not null && Points.AsSpan().SequenceEqual(other.Points.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Points.Length;
}
