using System.Numerics;
using System.Runtime.InteropServices;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// Rounds shares to whole pages so that nothing is lost: each is rounded down, and the pages left over go to the largest remainders, the first curve first
/// where they tie. Remainders are compared as small integers, to an eighth of a byte: so equal ones tie whatever the rounding of doubles made of them, and
/// counting finds the smallest remainder that still gets a page, without a sort.
/// </summary>
internal sealed class LargestRemainders
{
    private const int RanksPerPage = 32_768;

    /// <summary>Ranks are counted by their upper and then by their lower eight bits.</summary>
    private const int Digits = 256;

    /// <summary>A curve's rank if it is full; all others come before it.</summary>
    private const int Full = 0;

    private double[] wholes = [];
    private double[] ranks = [];

    /// <summary>Rounds what the curves get at a level.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="level">A level at which they add up to the capacity or just below.</param>
    /// <param name="capacity">What there is, in pages: less than the upper bounds' sum.</param>
    /// <param name="shares">What each curve gets, Σ = capacity.</param>
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
        int room = blocks.Length * CurveBlock.Lanes;
        if (wholes.Length < room)
        {
            wholes = new double[BitOperations.RoundUpToPowerOf2((uint)room)];
            ranks = new double[wholes.Length];
        }

        Span<Vector<double>> floors = MemoryMarshal.Cast<double, Vector<double>>(wholes.AsSpan()), places = MemoryMarshal.Cast<double, Vector<double>>(ranks.AsSpan());
        Vector<double> theta = new(level), scale = new(RanksPerPage), lowest = new(Full + 1.5);
        for (int i = 0; i < blocks.Length; i++)
        {
            Vector<double> amount = blocks[i].At(theta), floor = Vector.Floor(amount);
            floors[i] = floor;
            places[i] = Vector.ConditionalSelect(Vector.LessThan(amount, blocks[i].Upper), ((amount - floor) * scale) + lowest, new Vector<double>(Full));
        }
    }

    /// <summary>
    /// Gives each of the largest remainders a page. There are always enough that are not full: the remainders add up to what is left, each less than a page.
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

    /// <summary>The rank from which on the wanted number get a page, and how many of those with just this rank do.</summary>
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

    /// <summary>The digit, from the greatest down, in which the wanted number is reached, and how many are wanted of it.</summary>
    private static (int Digit, long Left) Descend(ReadOnlySpan<int> counts, long wanted)
    {
        int digit = Digits - 1;
        for (; digit > 0 && counts[digit] < wanted; digit--) wanted -= counts[digit];
        return (digit, wanted);
    }
}
