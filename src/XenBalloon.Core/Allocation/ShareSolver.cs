using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// Fills the host: finds the level θ at which the domains' curves add up to what there is. Exact to the page, and independent of the domains' order but for
/// ties. Takes time in proportion to the number of curves, and keeps its buffers, so that it allocates nothing once it has solved for as many curves.
/// Not for use by two threads at once.
/// </summary>
public sealed class ShareSolver
{
    private readonly CurveTable table = new();
    private readonly LargestRemainders remainders = new();

    /// <summary>Shares out the capacity.</summary>
    /// <param name="curves">The domains, in ascending order of domid: of two that have the same claim to a last page, the first gets it.</param>
    /// <param name="capacity">What there is to share. Less than all lower bounds together yields the lower bounds.</param>
    /// <param name="shares">
    /// What each domain gets, in whole pages: Σ = capacity rounded down to a page, unless that is outside of what the bounds allow. Lower bounds count as
    /// rounded up to pages, upper bounds as rounded down. Each share is its curve at the level, rounded down or up by largest remainder.
    /// Exact while the upper bounds add up to less than 2⁵³ pages, up to which doubles count without gaps: every domid that Xen has, with a pebibyte each.
    /// </param>
    /// <returns>θ, in the unit of the curves' policy: 0 if all are at their lower bounds, infinite if all are at their upper ones.</returns>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public double Solve(ReadOnlySpan<ShareCurve> curves, KiB capacity, Span<KiB> shares)
    {
        if (shares.Length != curves.Length) throw new ArgumentException("one share for each curve", nameof(shares));
        table.Load(curves);
        long available = capacity.FloorToPage().Value / KiB.PerPage;
        if (available <= table.Lowest)
        {
            for (int i = 0; i < curves.Length; i++) shares[i] = new KiB(CurveTable.LowerPages(curves[i]) * KiB.PerPage);
            return 0;
        }

        if (available >= table.Highest)
        {
            for (int i = 0; i < curves.Length; i++) shares[i] = new KiB(CurveTable.UpperPages(curves[i]) * KiB.PerPage);
            return double.PositiveInfinity;
        }

        double level = LevelSearch.Find(table, available);
        remainders.Round(table, level, available, shares);
        return level;
    }
}
