using XenBalloon.Simulation.Judging.Metrics;

namespace XenBalloon.Simulation.Judging.Statistics;

/// <summary>
/// A metric's values under two policies, in pairs by seed, so that what differs between seeds alone does not hide what
/// differs between the policies. Lower is better.
/// </summary>
/// <param name="Left">One policy's, by seed.</param>
/// <param name="Right">The other's, by the same seeds.</param>
/// <param name="Noticeable">A difference of less than this is none.</param>
public readonly record struct SeedPairs(IReadOnlyList<double> Left, IReadOnlyList<double> Right, double Noticeable = 0)
{
    /// <summary>A difference of less than this part is none that anyone would choose by, however sure it is.</summary>
    private const double Material = 0.005;

    /// <summary>Whether there was nothing to measure under either policy.</summary>
    public bool AreNone => Left.Count == 0 && Right.Count == 0;

    /// <summary>The mean difference, left less right; null where some run had nothing to measure.</summary>
    public Estimate? Difference =>
        Left.Count == Right.Count ? Estimate.Of([.. Left.Zip(Right, (mine, other) => mine - other)]) : null;

    /// <summary>
    /// Whether the left one is less by more than chance and than <see cref="Noticeable"/>; never with a single seed,
    /// which tells nothing of chance.
    /// </summary>
    public bool IsLess => Difference is { HalfWidth: not null } difference && difference.High < -Least;

    /// <summary>Whether the left one is more, likewise.</summary>
    public bool IsMore => Difference is { HalfWidth: not null } difference && difference.Low > Least;

    private double Least => Math.Max(Noticeable, Material * Math.Abs(Right.Average()));

    /// <summary>The pairs of two policies' runs.</summary>
    internal static SeedPairs Of(Metric metric, PolicyResult left, PolicyResult right, string? guest = null) =>
        new(left.Values(metric, guest), right.Values(metric, guest), metric.Noticeable);
}
