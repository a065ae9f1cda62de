using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// Fills the host: finds the level at which the domains' curves add up to what there is, by sorting the levels at which a curve bends and solving the
/// one straight piece in between. Exact to the page and independent of the domains' order; O(n log n).
/// </summary>
public static class FairShareSolver
{
    private const int BendsPerCurve = 3;

    /// <summary>Shares out the capacity.</summary>
    /// <param name="curves">The domains, in ascending order of domid: of two that have the same claim to a last page, the first gets it.</param>
    /// <param name="capacity">What there is to share. Less than all lower bounds together yields the lower bounds.</param>
    /// <param name="idleTax">τ, 0 to below 1.</param>
    /// <param name="shares">
    /// What each domain gets, in whole pages: Σ = capacity rounded down to a page, unless that is outside of what the bounds allow.
    /// Lower bounds count as rounded up to pages, upper bounds as rounded down.
    /// </param>
    /// <exception cref="ArgumentException">The spans differ in length, or a curve has no weight.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tax is not in [0, 1).</exception>
    public static void Solve(ReadOnlySpan<ShareCurve> curves, KiB capacity, double idleTax, Span<KiB> shares)
    {
        if (shares.Length != curves.Length) throw new ArgumentException("one share for each curve", nameof(shares));
        ArgumentOutOfRangeException.ThrowIfNegative(idleTax);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(idleTax, 1);

        var paged = new ShareCurve[curves.Length];
        KiB lowest = KiB.Zero, highest = KiB.Zero;
        for (int i = 0; i < curves.Length; i++)
        {
            if (curves[i].Weight <= 0) throw new ArgumentException("a domain without weight has no share", nameof(curves));
            KiB lower = KiB.Max(curves[i].Lower, KiB.Zero).CeilingToPage();
            paged[i] = curves[i] with { Lower = lower, Upper = KiB.Max(lower, curves[i].Upper.FloorToPage()) };
            lowest += lower;
            highest += paged[i].Upper;
        }

        KiB available = capacity.FloorToPage();
        if (available <= lowest || available >= highest)
        {
            for (int i = 0; i < paged.Length; i++) shares[i] = available <= lowest ? paged[i].Lower : paged[i].Upper;
            return;
        }

        RoundToPages(paged, Level(paged, available, idleTax), available, idleTax, shares);
    }

    /// <summary>The level at which the curves add up to the capacity, which lies strictly between their lower and their upper bounds' sums.</summary>
    private static double Level(ReadOnlySpan<ShareCurve> curves, KiB capacity, double idleTax)
    {
        var bends = new double[curves.Length * BendsPerCurve];
        for (int i = 0; i < curves.Length; i++)
        {
            bends[i * BendsPerCurve] = curves[i].LevelFor(curves[i].Lower, idleTax);
            bends[(i * BendsPerCurve) + 1] = curves[i].LevelFor(curves[i].Active.Clamp(curves[i].Lower, curves[i].Upper), idleTax);
            bends[(i * BendsPerCurve) + 2] = curves[i].LevelFor(curves[i].Upper, idleTax);
        }

        Array.Sort(bends);

        // At the lowest bend all are at their lower bounds (below capacity), at the highest all are at their upper ones (above it).
        int below = 0, above = bends.Length - 1;
        while (above - below > 1)
        {
            int middle = (below + above) / 2;
            if (Sum(curves, bends[middle], idleTax) <= capacity.Value) below = middle;
            else above = middle;
        }

        double atBelow = Sum(curves, bends[below], idleTax), atAbove = Sum(curves, bends[above], idleTax);
        double part = Math.Clamp((capacity.Value - atBelow) / (atAbove - atBelow), 0, 1);
        return bends[below] + (part * (bends[above] - bends[below]));
    }

    private static double Sum(ReadOnlySpan<ShareCurve> curves, double level, double idleTax)
    {
        double sum = 0;
        foreach (ref readonly ShareCurve curve in curves) sum += curve.At(level, idleTax);
        return sum;
    }

    /// <summary>Rounds down to pages and hands the rest out by largest remainder.</summary>
    private static void RoundToPages(ReadOnlySpan<ShareCurve> curves, double level, KiB capacity, double idleTax, Span<KiB> shares)
    {
        var order = new int[curves.Length];
        var remainders = new double[curves.Length];
        KiB left = capacity;
        for (int i = 0; i < curves.Length; i++)
        {
            double exact = curves[i].At(level, idleTax);
            shares[i] = new KiB((long)exact).FloorToPage().Clamp(curves[i].Lower, curves[i].Upper);
            left -= shares[i];
            order[i] = i;
            remainders[i] = shares[i].Value - exact;
        }

        // Stable by index among equals, since equal remainders are ordered by position.
        Array.Sort(order, (x, y) => remainders[x].CompareTo(remainders[y]) is var byRemainder and not 0 ? byRemainder : x.CompareTo(y));
        KiB step = left >= KiB.Zero ? KiB.Page : -KiB.Page;
        for (int turn = 0; left != KiB.Zero; turn++)
        {
            int i = order[turn % order.Length];
            KiB next = shares[i] + step;
            if (next < curves[i].Lower || next > curves[i].Upper) continue;
            shares[i] = next;
            left -= step;
        }
    }
}
