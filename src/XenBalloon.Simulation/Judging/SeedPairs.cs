
namespace XenBalloon.Simulation.Judging;

/// <summary>
/// The values of a metric under two policies, paired by seed, so that differences between seeds do not hide differences
/// between policies. Lower is better.
/// </summary>
/// <param name="Left">The values of one policy, by seed.</param>
/// <param name="Right">The values of the other policy, by the same seeds.</param>
/// <param name="Noticeable">A smaller difference does not count.</param>
internal readonly record struct SeedPairs(
    IReadOnlyList<double> Left, IReadOnlyList<double> Right, double Noticeable = 0)
{
    /// <summary>A smaller relative difference does not matter, however significant.</summary>
    private const double Material = 0.005;

    /// <summary>Whether neither policy has values.</summary>
    public bool IsEmpty => Left.Count == 0 && Right.Count == 0;

    /// <summary>The mean difference, left minus right; null if some run had nothing to measure.</summary>
    public Estimate? Difference =>
        Left.Count == Right.Count ? Estimate.Of([.. Left.Zip(Right, (mine, other) => mine - other)]) : null;

    /// <summary>
    /// Whether the left policy is lower by more than chance and than <see cref="Noticeable"/>; never with a single
    /// seed, which gives no interval.
    /// </summary>
    public bool IsLess => Difference is { HalfWidth: not null } difference && difference.High < -Least;

    /// <summary>Whether the left policy is higher, likewise.</summary>
    public bool IsMore => Difference is { HalfWidth: not null } difference && difference.Low > Least;

    private double Least => Math.Max(Noticeable, Material * Math.Abs(Right.Average()));

    /// <summary>The pairs of two policies' runs.</summary>
    internal static SeedPairs Of(Metric metric, PolicyResult left, PolicyResult right, string? guest = null) =>
        new(left.Values(metric, guest), right.Values(metric, guest), metric.Noticeable);
}

/// <summary>Compares policies in several metrics.</summary>
internal static class ParetoOrder
{
    /// <summary>
    /// Whether the left policy is worse in no dimension and better in at least one, both beyond the interval of the
    /// differences.
    /// </summary>
    /// <param name="dimensions">
    /// The values of both policies in each dimension; a dimension without any values does not count.
    /// </param>
    /// <returns>False if a run of either policy had nothing to measure in some dimension.</returns>
    public static bool Dominates(IReadOnlyList<SeedPairs> dimensions)
    {
        SeedPairs[] measured = [.. dimensions.Where(pairs => !pairs.IsEmpty)];
        return measured.All(pairs => pairs.Difference is not null
            && !pairs.IsMore) && measured.Any(pairs => pairs.IsLess);
    }
}

/// <summary>How much of the possible gain a policy misses.</summary>
internal static class RegretEstimate
{
    /// <summary>
    /// If the oracle gains less slowdown than this, there was nothing to gain and the ratio has no meaning.
    /// </summary>
    public const double LeastGain = 0.001;

    /// <summary>
    /// (policy − oracle) / (static − oracle), of means over the same seeds. A ratio of means has no simple interval, so
    /// it is estimated by the jackknife (Tukey, 1958): of n·r − (n−1)·r₋ᵢ, where r₋ᵢ leaves out one seed.
    /// </summary>
    /// <param name="policy">The policy's mean slowdown, by seed.</param>
    /// <param name="atRest">The mean slowdown of static, by the same seeds.</param>
    /// <param name="oracle">The mean slowdown of the oracle, by the same seeds.</param>
    /// <returns>
    /// Null if the oracle's gain does not exceed <see cref="LeastGain"/> beyond chance, or if a run had no slowdown to
    /// measure.
    /// </returns>
    public static Estimate? Of(IReadOnlyList<double> policy, IReadOnlyList<double> atRest, IReadOnlyList<double> oracle)
    {
        int count = policy.Count;
        if (atRest.Count != count || oracle.Count != count) return null;
        double[] losses = [.. policy.Zip(oracle, (mine, best) => mine - best)];
        double[] gains = [.. atRest.Zip(oracle, (none, best) => none - best)];
        if (Estimate.Of(gains) is not { } gain || gain.Low < LeastGain) return null;
        double ratio = losses.Sum() / gains.Sum();
        if (count == 1) return new Estimate(ratio, null, 1);
        double[] pseudovalues = [.. Enumerable.Range(0, count).Select(Pseudovalue)];
        return new Estimate(ratio, Estimate.Of(pseudovalues)!.Value.HalfWidth, count);

        double Pseudovalue(int left) =>
            (count * ratio) - ((count - 1) * SumExcept(left, losses) / SumExcept(left, gains));
    }

    private static double SumExcept(int left, double[] values) => values.Sum() - values[left];
}
