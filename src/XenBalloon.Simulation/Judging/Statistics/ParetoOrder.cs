namespace XenBalloon.Simulation.Judging.Statistics;

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
