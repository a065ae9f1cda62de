namespace XenBalloon.Simulation.Judging;

/// <summary>
/// What guests are entitled to: in proportion to their weights as far as they need it, and what one does not need goes to the others in the same way
/// (weighted max-min fairness). Its own few lines, and not the balancer's solver, so that the judge does not trust the judged.
/// </summary>
internal sealed class Entitlement(int most)
{
    // Where a guest begins or ends to take part as θ, the memory for each share, rises; the slope is by how many shares.
    private readonly double[] bends = new double[2 * most];
    private readonly double[] slopes = new double[2 * most];

    /// <summary>Shares what there is: x = clamp(weight × θ, least, need) with Σx as much as there is.</summary>
    /// <param name="capacity">What there is.</param>
    /// <param name="weights">Shares, above zero.</param>
    /// <param name="least">What a guest has in any case; no more than its need.</param>
    /// <param name="needs">What a guest needs.</param>
    /// <param name="entitled">What each is entitled to: less than its <paramref name="least"/> only where all those together exceed what there is.</param>
    public void Share(double capacity, ReadOnlySpan<double> weights, ReadOnlySpan<double> least, ReadOnlySpan<double> needs, Span<double> entitled)
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
            for (int i = 0; i < needs.Length; i++) entitled[i] = given > 0 ? least[i] * Math.Max(0, capacity) / given : 0;
            return;
        }

        double level = Level(capacity - given, weights, least, needs);
        for (int i = 0; i < needs.Length; i++) entitled[i] = Math.Max(least[i], Math.Min(needs[i], weights[i] * level));
    }

    private double Level(double left, ReadOnlySpan<double> weights, ReadOnlySpan<double> least, ReadOnlySpan<double> needs)
    {
        int count = 2 * needs.Length;
        for (int i = 0; i < needs.Length; i++)
        {
            (bends[2 * i], slopes[2 * i]) = (least[i] / weights[i], weights[i]);
            (bends[(2 * i) + 1], slopes[(2 * i) + 1]) = (needs[i] / weights[i], -weights[i]);
        }

        Array.Sort(bends, slopes, 0, count);
        double level = bends[0];
        double slope = slopes[0];
        for (int bend = 1; bend < count; bend++)
        {
            double filled = slope * (bends[bend] - level);
            if (filled >= left) break;
            left -= filled;
            level = bends[bend];
            slope += slopes[bend];
        }

        return slope > 0 ? level + (left / slope) : level;
    }
}
