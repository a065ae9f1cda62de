using System.Numerics;
using System.Runtime.InteropServices;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>All curves in a form made for adding them up fast at one level after another. Its buffer only grows.</summary>
internal sealed class CurveTable
{
    private const double PagesPerKiB = 1.0 / KiB.PerPage;

    private CurveBlock[] blocks = [];
    private int blockCount;

    /// <summary>Σ of the lower bounds, in pages.</summary>
    internal long Lowest { get; private set; }

    /// <summary>Σ of the upper bounds, in pages.</summary>
    internal long Highest { get; private set; }

    /// <summary>Σ of the curves' starts at θ = 0, in pages.</summary>
    internal double Start { get; private set; }

    /// <summary>Σ of the first slopes, in pages per unit of θ.</summary>
    internal double Slope { get; private set; }

    /// <summary>A level at which every curve has come to its upper bound.</summary>
    internal double Top { get; private set; }

    /// <summary>The curves, in order; the last block is filled up with curves that are always zero.</summary>
    internal ReadOnlySpan<CurveBlock> Blocks => blocks.AsSpan(0, blockCount);

    /// <summary>The lower bound that counts, in whole pages.</summary>
    internal static long LowerPages(in ShareCurve curve) => (curve.Lower.Value + (KiB.PerPage - 1)) / KiB.PerPage;

    /// <summary>The upper bound that counts, in whole pages: no less than the lower one.</summary>
    internal static long UpperPages(in ShareCurve curve) => Math.Max(LowerPages(curve), curve.Upper.Value / KiB.PerPage);

    /// <summary>Takes other curves in.</summary>
    internal void Load(ReadOnlySpan<ShareCurve> curves)
    {
        int lanes = CurveBlock.Lanes;
        blockCount = (curves.Length + lanes - 1) / lanes;
        if (blocks.Length < blockCount) blocks = new CurveBlock[BitOperations.RoundUpToPowerOf2((uint)blockCount)];
        Span<CurveBlock> used = blocks.AsSpan(0, blockCount);
        if (blockCount > 0) used[^1] = default;

        Span<double> numbers = MemoryMarshal.Cast<CurveBlock, double>(used);
        long lowest = 0, highest = 0, largest = 0;
        double start = 0, slope = 0, flattest = double.PositiveInfinity;
        for (int i = 0; i < curves.Length; i++)
        {
            ref readonly ShareCurve curve = ref curves[i];
            long lower = LowerPages(curve), upper = UpperPages(curve);
            Write(curve, lower, upper, numbers[((i / lanes * lanes * CurveBlock.Kinds) + (i % lanes))..]);
            lowest += lower;
            highest += upper;
            largest = Math.Max(largest, upper);
            start += curve.Start;
            slope += curve.Slope;
            if (curve.SlopeBeyond > 0 && curve.SlopeBeyond < flattest) flattest = curve.SlopeBeyond;
        }

        (Lowest, Highest, Start, Slope, Top) = (lowest, highest, start * PagesPerKiB, slope * PagesPerKiB, largest / (flattest * PagesPerKiB));
    }

    private static void Write(in ShareCurve curve, long lower, long upper, Span<double> numbers)
    {
        int lanes = CurveBlock.Lanes;
        numbers[5 * lanes] = upper;
        numbers[4 * lanes] = lower;
        numbers[3 * lanes] = curve.SlopeBeyond * PagesPerKiB;
        numbers[2 * lanes] = curve.StartBeyond * PagesPerKiB;
        numbers[lanes] = curve.Slope * PagesPerKiB;
        numbers[0] = curve.Start * PagesPerKiB;
    }

    /// <summary>Adds the curves up at a level.</summary>
    internal Filling Fill(double level)
    {
        Vector<double> theta = new(level), whole = default, parts = default, slope = default;
        foreach (ref readonly CurveBlock block in Blocks)
        {
            Vector<double> amount = block.At(theta, out Vector<double> rise), floor = Vector.Floor(amount);
            whole += floor;
            parts += amount - floor;
            slope += rise;
        }

        return new Filling(Vector.Sum(whole), Vector.Sum(parts), Vector.Sum(slope));
    }
}
