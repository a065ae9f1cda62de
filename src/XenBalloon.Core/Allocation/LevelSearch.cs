namespace XenBalloon.Core.Allocation;

/// <summary>
/// Finds the level at which the curves add up to what there is, without sorting their bends: Newton's method, which ends as soon as it meets the straight
/// piece that holds the solution, kept inside of a bracket that always shrinks.
/// </summary>
internal static class LevelSearch
{
    /// <summary>Close enough, in pages: a sixteenth of a byte. It need only be far less than a page.</summary>
    private const double Tolerance = 1.0 / 65_536;

    /// <summary>
    /// So many rounds are free to follow the slope; then every other halves the number of doubles left in the bracket, which ends any search. Hosts take
    /// about ten.
    /// </summary>
    private const int FreeRounds = 16;

    /// <summary>The level for a capacity.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="capacity">What there is, in pages: more than their lower bounds' sum and less than their upper bounds'.</param>
    /// <returns>
    /// A level at which the curves add up to the capacity, give or take <see cref="Tolerance"/>; where doubles are too coarse for that, the highest at which
    /// they add up to no more than it.
    /// </returns>
    internal static double Find(CurveTable curves, long capacity)
    {
        // A level so low that nobody has risen by anything that counts: curves start at their lower bounds or below.
        double low = Tolerance / curves.Slope, high = curves.Top;
        double level = (capacity - curves.Start) / curves.Slope;
        for (int round = 0; Math.BitIncrement(low) < high; round++)
        {
            bool halve = round >= FreeRounds && round % 2 == 0;
            if (halve || !(level > low && level < high)) level = Middle(low, high);
            Filling filling = curves.Fill(level);
            double missing = capacity - filling.Whole - filling.Parts;
            if (Math.Abs(missing) <= Tolerance) return level;
            if (missing > 0) low = level;
            else high = level;
            level = Follow(level, missing / filling.Slope);
        }

        return low;
    }

    private static double Follow(double level, double way)
    {
        double next = level + way;
        if (next != level) return next;
        return way > 0 ? Math.BitIncrement(level) : Math.BitDecrement(level);
    }

    /// <summary>The double with as many doubles below it as above it in the bracket: positive doubles are ordered as their bits are.</summary>
    private static double Middle(double low, double high)
    {
        long from = BitConverter.DoubleToInt64Bits(low), to = BitConverter.DoubleToInt64Bits(high);
        return BitConverter.Int64BitsToDouble(from + ((to - from) / 2));
    }
}
