namespace XenBalloon.Simulation.Judging.Statistics;

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
