namespace XenBalloon.Simulation.Judging.Statistics;

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
