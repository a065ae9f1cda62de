using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>All curves in a layout for fast addition at one level after another. Its buffer only grows.</summary>
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

    /// <summary>A level at which every curve has reached its upper bound.</summary>
    internal double Top { get; private set; }

    /// <summary>The curves, in order; the last block is padded with curves that are always zero.</summary>
    internal ReadOnlySpan<CurveBlock> Blocks => blocks.AsSpan(0, blockCount);

    /// <summary>The lower bound in force, in whole pages.</summary>
    internal static long LowerPages(in ShareCurve curve) => (curve.Lower.Value + (KiB.PerPage - 1)) / KiB.PerPage;

    /// <summary>The upper bound in force, in whole pages: at least the lower bound.</summary>
    internal static long UpperPages(in ShareCurve curve) =>
        Math.Max(LowerPages(curve), curve.Upper.Value / KiB.PerPage);

    /// <summary>Replaces the curves.</summary>
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

        (Lowest, Highest) = (lowest, highest);
        (Start, Slope, Top) = (start * PagesPerKiB, slope * PagesPerKiB, largest / (flattest * PagesPerKiB));
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
    internal CurveSum Sum(double level)
    {
        Vector<double> theta = new(level), whole = default, fractions = default, slope = default;
        foreach (ref readonly CurveBlock block in Blocks)
        {
            Vector<double> amount = block.At(theta, out Vector<double> rise), floor = Vector.Floor(amount);
            whole += floor;
            fractions += amount - floor;
            slope += rise;
        }

        return new CurveSum(Vector.Sum(whole), Vector.Sum(fractions), Vector.Sum(slope));
    }
}

/// <summary>
/// The sum of all curves at a level. Whole pages and fractions are added separately, because one sum would lose the
/// fractions on a large host.
/// </summary>
/// <param name="Whole">Σ⌊x⌋ in pages, exact.</param>
/// <param name="Fractions">Σ(x − ⌊x⌋) in pages.</param>
/// <param name="Slope">How fast the sum rises at this level, in pages per unit of θ.</param>
internal readonly record struct CurveSum(double Whole, double Fractions, double Slope);

/// <summary>
/// As many curves as a vector register has lanes, side by side, so that one instruction works on all of them. Sizes are
/// in pages, bounds are whole pages. Every operation is monotone in the level even after rounding, so a computed curve
/// never falls.
/// </summary>
[InlineArray(Kinds)]
internal struct CurveBlock
{
    /// <summary>
    /// How many kinds of numbers a curve has: start, slope, start and slope beyond the bend, lower and upper bound, in
    /// this order.
    /// </summary>
    internal const int Kinds = 6;

    /// <summary>The curves' starts; the inline array adds space for the other kinds.</summary>
    private Vector<double> start;

    /// <summary>How many curves one block holds.</summary>
    internal static int Lanes => Vector<double>.Count;

    /// <summary>The curves' upper bounds, in pages.</summary>
    internal readonly Vector<double> Upper => this[5];

    private readonly Vector<double> Slope => this[1];

    private readonly Vector<double> StartBeyond => this[2];

    private readonly Vector<double> SlopeBeyond => this[3];

    private readonly Vector<double> Lower => this[4];

    /// <summary>The value of each curve at a level, in pages with fractions.</summary>
    internal readonly Vector<double> At(Vector<double> level) =>
        Bounded(Vector.MinNative(Before(level), Beyond(level)));

    /// <summary>The value of each curve at a level, and how fast it rises there: zero at a bound.</summary>
    internal readonly Vector<double> At(Vector<double> level, out Vector<double> rise)
    {
        Vector<double> before = Before(level), beyond = Beyond(level), free = Vector.MinNative(before, beyond);
        Vector<double> steepness =
            Vector.ConditionalSelect(Vector.LessThanOrEqual(before, beyond), Slope, SlopeBeyond);
        Vector<long> within = Vector.GreaterThan(free, Lower) & Vector.LessThan(free, Upper);
        rise = Vector.ConditionalSelect(within, steepness, Vector<double>.Zero);
        return Bounded(free);
    }

    private readonly Vector<double> Before(Vector<double> level) => start + (Slope * level);

    private readonly Vector<double> Beyond(Vector<double> level) => StartBeyond + (SlopeBeyond * level);

    private readonly Vector<double> Bounded(Vector<double> amount) =>
        Vector.MinNative(Upper, Vector.MaxNative(Lower, amount));
}
