namespace XenBalloon.Simulation.Judging;

/// <summary>
/// The guests' entitlements: weighted max-min fairness over their needs. Implemented separately from the balancer's
/// solver, so that the judge does not depend on the code that it judges.
/// </summary>
internal sealed class Entitlement(int most)
{
    // The values of θ, the memory for each unit of weight, at which a guest's share starts or stops growing; the slope
    // is the weight.
    private readonly double[] breakpoints = new double[2 * most];
    private readonly double[] slopes = new double[2 * most];

    /// <summary>Divides the capacity: x = clamp(weight × θ, least, need) with Σx = capacity.</summary>
    /// <param name="capacity">The memory to divide.</param>
    /// <param name="weights">The weights, above zero.</param>
    /// <param name="least">The minimum of each guest; at most its need.</param>
    /// <param name="needs">The need of each guest.</param>
    /// <param name="entitled">
    /// Receives the entitlements, which are below <paramref name="least"/> only if all minimums together exceed the
    /// capacity.
    /// </param>
    public void Share(
        double capacity, ReadOnlySpan<double> weights, ReadOnlySpan<double> least, ReadOnlySpan<double> needs,
        Span<double> entitled)
    {
        double needed = 0;
        double given = 0;
        for (int i = 0; i < needs.Length; i++) (needed, given) = (needed + needs[i], given + least[i]);
        if (needed <= capacity)
        {
            needs.CopyTo(entitled);
            return;
        }

        if (given >= capacity)
        {
            for (int i = 0; i < needs.Length; i++)
                entitled[i] = given > 0 ? least[i] * Math.Max(0, capacity) / given : 0;
            return;
        }

        double level = Level(capacity - given, weights, least, needs);
        for (int i = 0; i < needs.Length; i++) entitled[i] = Math.Max(least[i], Math.Min(needs[i], weights[i] * level));
    }

    private double Level(
        double left, ReadOnlySpan<double> weights, ReadOnlySpan<double> least, ReadOnlySpan<double> needs)
    {
        int count = 2 * needs.Length;
        for (int i = 0; i < needs.Length; i++)
        {
            (breakpoints[2 * i], slopes[2 * i]) = (least[i] / weights[i], weights[i]);
            (breakpoints[(2 * i) + 1], slopes[(2 * i) + 1]) = (needs[i] / weights[i], -weights[i]);
        }

        Array.Sort(breakpoints, slopes, 0, count);
        double level = breakpoints[0];
        double slope = slopes[0];
        for (int index = 1; index < count; index++)
        {
            double filled = slope * (breakpoints[index] - level);
            if (filled >= left) break;
            left -= filled;
            level = breakpoints[index];
            slope += slopes[index];
        }

        return slope > 0 ? level + (left / slope) : level;
    }
}
