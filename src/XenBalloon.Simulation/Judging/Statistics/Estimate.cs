namespace XenBalloon.Simulation.Judging.Statistics;

/// <summary>A mean over seeds, and how sure it is.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth">Half of its 95 % interval by Student's t; null where a single value leaves no way to tell.</param>
/// <param name="Count">Over how many values.</param>
public readonly record struct Estimate(double Mean, double? HalfWidth, int Count)
{
    private const double Confidence = 0.95;

    /// <summary>The interval's lower end; the mean itself where there is no interval.</summary>
    public double Low => Mean - (HalfWidth ?? 0);

    /// <summary>The interval's upper end; the mean itself where there is no interval.</summary>
    public double High => Mean + (HalfWidth ?? 0);

    /// <summary>The mean of some values; null where there are none.</summary>
    public static Estimate? Of(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0) return null;
        double mean = values.Average();
        if (values.Count == 1) return new Estimate(mean, null, 1);
        double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new Estimate(mean, StudentT.TwoSided(Confidence, values.Count - 1) * Math.Sqrt(variance / values.Count), values.Count);
    }
}
