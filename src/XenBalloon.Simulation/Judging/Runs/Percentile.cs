namespace XenBalloon.Simulation.Judging.Runs;

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
