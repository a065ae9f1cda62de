namespace XenBalloon.Simulation.Judging.Statistics;

/// <summary>Which of two policies leaves nothing to say for the other.</summary>
public static class ParetoOrder
{
    /// <summary>A difference of less than this part is none that anyone would choose by, however sure it is.</summary>
    private const double Material = 0.005;

    /// <summary>
    /// Whether <paramref name="left"/> dominates <paramref name="right"/>: in no dimension worse, and better in at least one, both beyond chance. Seeds are
    /// compared in pairs, so that what differs between seeds alone does not hide what differs between policies; a difference counts when its 95 %
    /// interval leaves everything out that is not worth telling.
    /// </summary>
    /// <param name="left">By dimension, lower being better: the values by seed.</param>
    /// <param name="right">The other's, by the same dimensions and seeds.</param>
    /// <returns>Whether it does; never where some run of one had nothing to measure.</returns>
    public static bool Dominates(IReadOnlyList<IReadOnlyList<double>> left, IReadOnlyList<IReadOnlyList<double>> right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        bool better = false;
        for (int dimension = 0; dimension < left.Count; dimension++)
        {
            if (left[dimension].Count != right[dimension].Count) return false;
            if (Estimate.Of([.. left[dimension].Zip(right[dimension], (mine, other) => mine - other)]) is not { } difference) return false;
            double least = Material * Math.Abs(right[dimension].Average());
            if (difference.Low > least) return false;
            better |= difference.High < -least;
        }

        return better;
    }
}
