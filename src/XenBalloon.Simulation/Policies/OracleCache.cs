using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// The value of page cache to a guest, page by page: the convex envelope of its slowdown over the cache's size. Where
/// the miss curve is convex, as most are, the envelope is the curve. Elsewhere it goes straight to the next useful
/// point, for a loop to its end.
/// </summary>
internal static class CacheValue
{
    // The sizes considered: a sixteenth of the working set apart, and beyond the working set a sixteenth of the size
    // before.
    private const double Step = 1.0 / 16;
    private const double MostFill = 64;

    // A disk reads 200 MiB/s, 51200 pages, so that no guest waits for files more than half of the time.
    private const double MostWait = 0.5;

    // A GiB that saves less than a thousandth is useless.
    private const double LeastSaved = 0.001;

    // An indivisible piece must be complete even if a plan is not exact.
    private const double Margin = 0.02;

    /// <summary>The pieces, in the order in which a cache grows.</summary>
    public static ImmutableArray<CachePiece> Of(CacheDescription cache)
    {
        if (cache.WorkingSet <= KiB.Zero || cache.LookupsPerSecond <= 0) return [];
        List<CachePoint> corners = Envelope(cache);
        ImmutableArray<CachePiece>.Builder pieces = ImmutableArray.CreateBuilder<CachePiece>();
        for (int i = 1; i < corners.Count; i++)
        {
            (CachePoint from, CachePoint to) = (corners[i - 1], corners[i]);
            double saved = -from.SlopeTo(to) * KiB.FromMiB(1024).Value / cache.WorkingSet.Value;
            if (saved < LeastSaved) break;
            bool indivisible = to.Number > from.Number + 1;
            KiB end = cache.WorkingSet.Times(to.Fill * (indivisible ? 1 + Margin : 1)).CeilingToPage();
            pieces.Add(new CachePiece(end, saved, indivisible));
        }

        return pieces.ToImmutable();
    }

    private static List<CachePoint> Envelope(CacheDescription cache)
    {
        var corners = new List<CachePoint>();
        int number = 0;
        for (double fill = 0; fill <= MostFill; fill += Math.Max(Step, fill * Step))
        {
            var point = new CachePoint(number++, fill, Slowdown(cache, fill));
            while (corners.Count >= 2 && corners[^2].SlopeTo(point) < corners[^2].SlopeTo(corners[^1]))
                corners.RemoveAt(corners.Count - 1);
            corners.Add(point);
        }

        return corners;
    }

    private static double Slowdown(CacheDescription cache, double fill)
    {
        double wait =
            cache.LookupsPerSecond * cache.Curve.At(fill) * MemoryCost.WaitPerFileFault / TimeSpan.TicksPerSecond;
        return 1 / (1 - Math.Min(MostWait, wait));
    }
}

/// <summary>A useful piece of a guest's page cache.</summary>
/// <param name="End">The cache's size with this piece and all before it.</param>
/// <param name="Saved">
/// The decrease of the guest's slowdown for each GiB of such pages. No piece saves more than the one before it.
/// </param>
/// <param name="IsIndivisible">Whether only the complete piece is useful.</param>
internal readonly record struct CachePiece(KiB End, double Saved, bool IsIndivisible);

/// <summary>A guest's slowdown at one cache size.</summary>
/// <param name="Number">The index of the size, in ascending order.</param>
/// <param name="Fill">The size as a fraction of the working set.</param>
/// <param name="Slowdown">The factor by which work takes longer than without waiting for files.</param>
internal readonly record struct CachePoint(int Number, double Fill, double Slowdown)
{
    /// <summary>The change of the slowdown towards a larger cache, per working set.</summary>
    public double SlopeTo(CachePoint larger) => (larger.Slowdown - Slowdown) / (larger.Fill - Fill);
}
