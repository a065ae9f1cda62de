
namespace XenBalloon.Simulation.Judging;

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

/// <summary>Which of two policies leaves nothing to say for the other.</summary>
public static class ParetoOrder
{
    /// <summary>
    /// Whether the left policy dominates the right one: in no dimension worse, and better in at least one, both beyond
    /// the interval of the differences.
    /// </summary>
    /// <param name="dimensions">The values of both in each dimension; one in which neither has any does not
    /// count.</param>
    /// <returns>Whether it does; never where in some dimension a run of one had nothing to measure.</returns>
    public static bool Dominates(IReadOnlyList<SeedPairs> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        SeedPairs[] measured = [.. dimensions.Where(pairs => !pairs.AreNone)];
        return measured.All(pairs => pairs.Difference is not null
            && !pairs.IsMore) && measured.Any(pairs => pairs.IsLess);
    }
}

/// <summary>How much of what could be gained a policy leaves on the table.</summary>
public static class RegretEstimate
{
    /// <summary>Where the oracle gains less slowdown than this, there was nothing to gain, and a part of it means nothing.</summary>
    public const double LeastGain = 0.001;

    /// <summary>
    /// (policy − oracle) / (static − oracle), of means over the same seeds. A ratio of means has no plain interval: it is the jackknife's (Tukey, 1958),
    /// that is of n·r − (n−1)·r₋ᵢ, where r₋ᵢ leaves a seed out.
    /// </summary>
    /// <param name="policy">The policy's mean slowdown by seed.</param>
    /// <param name="still">The mean slowdown when nothing is done, by the same seeds.</param>
    /// <param name="oracle">The oracle's, by the same seeds.</param>
    /// <returns>Null where the oracle gains nothing that stands out from <see cref="LeastGain"/> and from chance, and where some run had no slowdown to measure.</returns>
    public static Estimate? Of(IReadOnlyList<double> policy, IReadOnlyList<double> still, IReadOnlyList<double> oracle)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(still);
        ArgumentNullException.ThrowIfNull(oracle);
        int count = policy.Count;
        if (still.Count != count || oracle.Count != count) return null;
        double[] losses = [.. policy.Zip(oracle, (mine, best) => mine - best)];
        double[] gains = [.. still.Zip(oracle, (none, best) => none - best)];
        if (Estimate.Of(gains) is not { } gain || gain.Low < LeastGain) return null;
        double ratio = losses.Sum() / gains.Sum();
        if (count == 1) return new Estimate(ratio, null, 1);
        double[] parts = [.. Enumerable.Range(0, count).Select(left => (count * ratio) - ((count - 1) * Without(left, losses) / Without(left, gains)))];
        return new Estimate(ratio, Estimate.Of(parts)!.Value.HalfWidth, count);
    }

    private static double Without(int left, double[] values) => values.Sum() - values[left];
}
