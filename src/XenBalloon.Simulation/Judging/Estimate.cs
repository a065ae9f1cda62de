
namespace XenBalloon.Simulation.Judging;

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

/// <summary>Student's t distribution, as far as intervals of means need it.</summary>
public static class StudentT
{
    /// <summary>Halving an interval so often leaves nothing that a double could tell apart.</summary>
    private const int Halvings = 100;

    /// <summary>How many standard errors around a mean hold the true one with this probability.</summary>
    /// <param name="probability">Above 0 and below 1; 0.95 is usual.</param>
    /// <param name="freedom">Degrees of freedom: one less than there are values; 1 or more.</param>
    public static double TwoSided(double probability, int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(probability, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);

        // In the angle atan(t / √ν) the whole axis is bounded.
        (double low, double high) = (0, Math.PI / 2);
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Within(middle, freedom) < probability) low = middle;
            else high = middle;
        }

        return Math.Tan(low) * Math.Sqrt(freedom);
    }

    /// <summary>P(|T| ≤ √ν tan θ) for whole ν: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.</summary>
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

/// <summary>Percentiles by nearest rank: always a value that was seen.</summary>
public static class Percentile
{
    /// <summary>The least value that at least this part of all values do not exceed.</summary>
    /// <param name="ascending">The values in ascending order.</param>
    /// <param name="part">0 to 1; 0 for the least value, 1 for the greatest.</param>
    /// <returns>Null where there are none.</returns>
    public static T? Of<T>(IReadOnlyList<T> ascending, double part)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(ascending);
        if (ascending.Count == 0) return null;
        return ascending[Math.Clamp((int)Math.Ceiling(part * ascending.Count) - 1, 0, ascending.Count - 1)];
    }
}
