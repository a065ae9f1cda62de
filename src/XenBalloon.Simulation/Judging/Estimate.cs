
namespace XenBalloon.Simulation.Judging;

/// <summary>A mean over seeds, with its confidence interval.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth">Half of its 95 % interval by Student's t; null for a single value.</param>
/// <param name="Count">The number of values.</param>
internal readonly record struct Estimate(double Mean, double? HalfWidth, int Count)
{
    private const double Confidence = 0.95;

    /// <summary>The lower end of the interval; without an interval, the mean.</summary>
    public double Low => Mean - (HalfWidth ?? 0);

    /// <summary>The upper end of the interval; without an interval, the mean.</summary>
    public double High => Mean + (HalfWidth ?? 0);

    /// <summary>The mean of some values; null if there are none.</summary>
    public static Estimate? Of(IReadOnlyList<double> values)
    {
        if (values.Count == 0) return null;
        double mean = values.Average();
        if (values.Count == 1) return new Estimate(mean, null, 1);
        double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new Estimate(
            mean, StudentT.TwoSided(Confidence, values.Count - 1) * Math.Sqrt(variance / values.Count), values.Count);
    }
}

/// <summary>Student's t distribution, as far as confidence intervals need it.</summary>
internal static class StudentT
{
    /// <summary>After so many halvings, the interval is below the precision of a double.</summary>
    private const int Halvings = 100;

    /// <summary>The number of standard errors around a mean that contain the true mean with this probability.</summary>
    /// <param name="probability">Above 0 and below 1; 0.95 is usual.</param>
    /// <param name="freedom">Degrees of freedom: the number of values minus one; 1 or more.</param>
    public static double TwoSided(double probability, int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(probability, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);

        // The angle atan(t / √ν) bounds the whole axis.
        (double low, double high) = (0, Math.PI / 2);
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Within(middle, freedom) < probability) low = middle;
            else high = middle;
        }

        return Math.Tan(low) * Math.Sqrt(freedom);
    }

    /// <summary>
    /// P(|T| ≤ √ν tan θ) for whole ν: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and
    /// 26.7.4.
    /// </summary>
    private static double Within(double angle, int freedom)
    {
        (double sine, double cosine) = Math.SinCos(angle);
        bool odd = freedom % 2 == 1;
        double term = odd ? cosine : 1;
        double sum = freedom == 1 ? 0 : term;
        for (int i = odd ? 3 : 2; i < freedom; i += 2)
        {
            term *= cosine * cosine * (i - 1) / i;
            sum += term;
        }

        return odd ? 2 / Math.PI * (angle + (sine * sum)) : sine * sum;
    }
}

/// <summary>Percentiles by nearest rank: the result is always one of the values.</summary>
internal static class Percentile
{
    /// <summary>The smallest value that at least this fraction of all values do not exceed.</summary>
    /// <param name="ascending">The values in ascending order.</param>
    /// <param name="fraction">The fraction, 0 to 1; 0 for the smallest value, 1 for the largest.</param>
    /// <returns>Null if there are no values.</returns>
    public static T? Of<T>(IReadOnlyList<T> ascending, double fraction)
        where T : struct
    {
        if (ascending.Count == 0) return null;
        return ascending[Math.Clamp((int)Math.Ceiling(fraction * ascending.Count) - 1, 0, ascending.Count - 1)];
    }
}
