using System.Numerics;
using System.Runtime.InteropServices;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// Finds the level θ at which the domains' curves add up to the capacity. The result is exact to the page, and
/// independent of the domains' order except for ties. Takes time proportional to the number of curves, and allocates
/// nothing once it has solved for as many curves. Not thread-safe.
/// </summary>
public sealed class ShareSolver
{
    private readonly CurveTable table = new();
    private readonly LargestRemainders remainders = new();

    /// <summary>Shares out the capacity.</summary>
    /// <param name="curves">
    /// The domains, in ascending order of domid: if two have the same claim to a last page, the first gets it.
    /// </param>
    /// <param name="capacity">
    /// The memory to share. If it is less than all lower bounds together, the shares are the lower bounds.
    /// </param>
    /// <param name="shares">
    /// The share of each domain, in whole pages: Σ = capacity rounded down to a page, unless the bounds do not allow
    /// that. Lower bounds count as rounded up to pages, upper bounds as rounded down. Each share is its curve at the
    /// level, rounded by largest remainder. Exact while the upper bounds add up to less than 2⁵³ pages, up to which
    /// doubles count without gaps: enough for every domid that Xen has, with a pebibyte each.
    /// </param>
    /// <returns>
    /// θ, in the unit of the curves' policy: 0 if all are at their lower bounds, infinite if all are at their upper
    /// bounds.
    /// </returns>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public double Solve(ReadOnlySpan<ShareCurve> curves, KiB capacity, Span<KiB> shares)
    {
        if (shares.Length != curves.Length) throw new ArgumentException("one share for each curve", nameof(shares));
        table.Load(curves);
        long available = capacity.FloorToPage().Value / KiB.PerPage;
        if (available <= table.Lowest)
        {
            for (int i = 0; i < curves.Length; i++)
            {
                shares[i] = new KiB(CurveTable.LowerPages(curves[i]) * KiB.PerPage);
            }

            return 0;
        }

        if (available >= table.Highest)
        {
            for (int i = 0; i < curves.Length; i++)
            {
                shares[i] = new KiB(CurveTable.UpperPages(curves[i]) * KiB.PerPage);
            }

            return double.PositiveInfinity;
        }

        double level = LevelSearch.Find(table, available);
        remainders.Round(table, level, available, shares);
        return level;
    }
}

/// <summary>
/// Finds the level at which the curves add up to the capacity, without sorting their bends: Newton's method, which ends
/// as soon as it meets the linear piece with the solution, within a bracket that always shrinks.
/// </summary>
internal static class LevelSearch
{
    /// <summary>Close enough, in pages: a sixteenth of a byte. It must only be far less than a page.</summary>
    private const double Tolerance = 1.0 / 65_536;

    /// <summary>
    /// For this many rounds the search may follow the slope. Then every second round halves the number of doubles in
    /// the bracket, so every search ends. Real hosts take about ten rounds.
    /// </summary>
    private const int FreeRounds = 16;

    /// <summary>Finds the level for a capacity.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="capacity">
    /// The memory to share, in pages: more than the sum of the lower bounds and less than that of the upper bounds.
    /// </param>
    /// <returns>
    /// A level at which the curves add up to the capacity within <see cref="Tolerance"/>; if doubles are too coarse for
    /// that, the highest level at which they add up to no more.
    /// </returns>
    internal static double Find(CurveTable curves, long capacity)
    {
        // At this level no curve has risen noticeably: curves start at their lower bounds or below.
        double low = Tolerance / curves.Slope, high = curves.Top;
        double level = (capacity - curves.Start) / curves.Slope;
        for (int round = 0; Math.BitIncrement(low) < high; round++)
        {
            bool halve = round >= FreeRounds && round % 2 == 0;
            if (halve || !(level > low && level < high)) level = Middle(low, high);
            CurveSum sum = curves.Sum(level);
            double missing = capacity - sum.Whole - sum.Fractions;
            if (Math.Abs(missing) <= Tolerance) return level;
            if (missing > 0) low = level;
            else high = level;
            level = Follow(level, missing / sum.Slope);
        }

        return low;
    }

    private static double Follow(double level, double distance)
    {
        double next = level + distance;
        if (next != level) return next;
        return distance > 0 ? Math.BitIncrement(level) : Math.BitDecrement(level);
    }

    /// <summary>
    /// The median of all doubles in the bracket: positive doubles have the same order as their bits.
    /// </summary>
    private static double Middle(double low, double high)
    {
        long from = BitConverter.DoubleToInt64Bits(low), to = BitConverter.DoubleToInt64Bits(high);
        return BitConverter.Int64BitsToDouble(from + ((to - from) / 2));
    }
}

/// <summary>
/// Rounds shares to whole pages without losing any: each is rounded down, and the remaining pages go to the largest
/// remainders, in order of the curves if they tie. Remainders are compared as small integers, to an eighth of a byte.
/// So equal remainders tie despite rounding errors, and counting finds the smallest remainder that still gets a page,
/// without a sort.
/// </summary>
internal sealed class LargestRemainders
{
    private const int RanksPerPage = 32_768;

    /// <summary>Ranks are counted by their upper eight bits, then by their lower eight bits.</summary>
    private const int Digits = 256;

    /// <summary>The rank of a curve at its upper bound; all others come before it.</summary>
    private const int Full = 0;

    private double[] wholes = [];
    private double[] ranks = [];

    /// <summary>Rounds the curves' values at a level.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="level">A level at which they add up to the capacity or just below.</param>
    /// <param name="capacity">The memory to share, in pages: less than the sum of the upper bounds.</param>
    /// <param name="shares">The share of each curve, Σ = capacity.</param>
    internal void Round(CurveTable curves, double level, long capacity, Span<KiB> shares)
    {
        Rank(curves.Blocks, level);
        long left = capacity;
        for (int i = 0; i < shares.Length; i++)
        {
            long whole = (long)wholes[i];
            left -= whole;
            shares[i] = new KiB(whole * KiB.PerPage);
        }

        HandOut(left, shares);
    }

    private void Rank(ReadOnlySpan<CurveBlock> blocks, double level)
    {
        int length = blocks.Length * CurveBlock.Lanes;
        if (wholes.Length < length)
        {
            wholes = new double[BitOperations.RoundUpToPowerOf2((uint)length)];
            ranks = new double[wholes.Length];
        }

        Span<Vector<double>> floors = MemoryMarshal.Cast<double, Vector<double>>(wholes.AsSpan());
        Span<Vector<double>> places = MemoryMarshal.Cast<double, Vector<double>>(ranks.AsSpan());
        Vector<double> theta = new(level), scale = new(RanksPerPage), lowest = new(Full + 1.5), full = new(Full);
        for (int i = 0; i < blocks.Length; i++)
        {
            Vector<double> amount = blocks[i].At(theta), floor = Vector.Floor(amount);
            Vector<double> rank = ((amount - floor) * scale) + lowest;
            floors[i] = floor;
            places[i] = Vector.ConditionalSelect(Vector.LessThan(amount, blocks[i].Upper), rank, full);
        }
    }

    /// <summary>
    /// Gives each of the largest remainders a page. There are always enough curves below their upper bound: the
    /// remainders add up to the pages left, and each is less than a page.
    /// </summary>
    private void HandOut(long left, Span<KiB> shares)
    {
        (int threshold, long atThreshold) = Threshold(ranks.AsSpan(0, shares.Length), left);
        for (int i = 0; i < shares.Length; i++)
        {
            int rank = (int)ranks[i];
            bool gets = rank > threshold || (rank == threshold && atThreshold-- > 0);
            shares[i] = gets ? shares[i] + KiB.Page : shares[i];
        }
    }

    /// <summary>The lowest rank that still gets a page, and how many curves of exactly this rank do.</summary>
    private static (int Threshold, long AtThreshold) Threshold(ReadOnlySpan<double> ranks, long wanted)
    {
        Span<int> counts = stackalloc int[Digits];
        counts.Clear();
        foreach (double rank in ranks) counts[(int)rank / Digits]++;
        (int upper, long left) = Descend(counts, wanted);

        counts.Clear();
        foreach (double rank in ranks)
        {
            if ((int)rank / Digits == upper) counts[(int)rank % Digits]++;
        }

        (int lower, left) = Descend(counts, left);
        return ((upper * Digits) + lower, left);
    }

    /// <summary>
    /// The digit, from the greatest down, at which the count reaches the wanted number, and how many are wanted of it.
    /// </summary>
    private static (int Digit, long Left) Descend(ReadOnlySpan<int> counts, long wanted)
    {
        int digit = Digits - 1;
        for (; digit > 0 && counts[digit] < wanted; digit--) wanted -= counts[digit];
        return (digit, wanted);
    }
}
