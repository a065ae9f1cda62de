using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Oracle;

/// <summary>
/// What page cache is worth to a guest, page by page: the convex envelope of its slowdown by the cache's size. Where its miss curve is convex, as most
/// are, the envelope is the curve. Where it is not, the envelope leads straight to the next point that is worth going to: a loop to its end.
/// </summary>
internal static class CacheWorth
{
    // Sizes that are looked at: a sixteenth of the working set apart, and beyond the working set a sixteenth of the size before.
    private const double Step = 1.0 / 16;
    private const double MostFill = 64;

    // A disk gives 200 MiB/s, 51200 pages, so that nobody waits for more files than in half of the time.
    private const double MostWait = 0.5;

    // A GiB that saves less than a thousandth is no use.
    private const double LeastSaved = 0.001;

    // What must be there to the last page must be there even where a plan is not exact.
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
            bool whole = to.Number > from.Number + 1;
            pieces.Add(new CachePiece(cache.WorkingSet.Times(to.Fill * (whole ? 1 + Margin : 1)).CeilingToPage(), saved, whole));
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
            while (corners.Count >= 2 && corners[^2].SlopeTo(point) < corners[^2].SlopeTo(corners[^1])) corners.RemoveAt(corners.Count - 1);
            corners.Add(point);
        }

        return corners;
    }

    private static double Slowdown(CacheDescription cache, double fill)
    {
        double wait = cache.LookupsPerSecond * cache.Curve.At(fill) * MemoryCost.WaitPerFileFault / TimeSpan.TicksPerSecond;
        return 1 / (1 - Math.Min(MostWait, wait));
    }
}
