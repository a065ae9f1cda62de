using System.Numerics;
using System.Runtime.CompilerServices;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// As many curves as a vector register has lanes, side by side, so that one instruction works on all of them. Sizes are in pages, bounds are whole pages.
/// Every operation is monotone in the level even after its rounding, so a curve as computed never falls.
/// </summary>
[InlineArray(Kinds)]
internal struct CurveBlock
{
    /// <summary>How many kinds of numbers a curve has: start, slope, start and slope beyond the bend, lower and upper bound, in this order.</summary>
    internal const int Kinds = 6;

    /// <summary>The curves' starts, and the room for what follows them.</summary>
    private Vector<double> start;

    /// <summary>How many curves one block holds.</summary>
    internal static int Lanes => Vector<double>.Count;

    /// <summary>The curves' upper bounds, in pages.</summary>
    internal readonly Vector<double> Upper => this[5];

    private readonly Vector<double> Slope => this[1];

    private readonly Vector<double> StartBeyond => this[2];

    private readonly Vector<double> SlopeBeyond => this[3];

    private readonly Vector<double> Lower => this[4];

    /// <summary>What each curve gets at a level, in pages and parts of pages.</summary>
    internal readonly Vector<double> At(Vector<double> level) => Bounded(Vector.MinNative(Before(level), Beyond(level)));

    /// <summary>What each curve gets at a level, and how fast it rises there: zero at a bound.</summary>
    internal readonly Vector<double> At(Vector<double> level, out Vector<double> rise)
    {
        Vector<double> before = Before(level), beyond = Beyond(level), free = Vector.MinNative(before, beyond);
        Vector<double> steepness = Vector.ConditionalSelect(Vector.LessThanOrEqual(before, beyond), Slope, SlopeBeyond);
        Vector<long> within = Vector.GreaterThan(free, Lower) & Vector.LessThan(free, Upper);
        rise = Vector.ConditionalSelect(within, steepness, Vector<double>.Zero);
        return Bounded(free);
    }

    private readonly Vector<double> Before(Vector<double> level) => start + (Slope * level);

    private readonly Vector<double> Beyond(Vector<double> level) => StartBeyond + (SlopeBeyond * level);

    private readonly Vector<double> Bounded(Vector<double> amount) => Vector.MinNative(Upper, Vector.MaxNative(Lower, amount));
}
