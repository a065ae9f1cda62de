using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>Finds what cannot be meant in the description of a guest's reading.</summary>
internal static class CacheCheck
{
    /// <summary>The problems.</summary>
    public static IEnumerable<GuestProblem> Problems(CacheDescription cache)
    {
        if (cache.WorkingSet < KiB.Zero) yield return new("its cache's working set is negative", "cache");
        if (!(cache.LookupsPerSecond >= 0))
            yield return new("its cache is looked up a negative number of times", "cache");
        if (!IsSound(cache.Curve))
            yield return new("its miss curve must fall, from all lookups missing without a cache to none at the least",
                "cache");
    }

    private static bool IsSound(MissCurve curve) => curve switch
    {
        ExponentialMissCurve exponential => exponential.AtWorkingSet is > 0 and < 1,
        LongTailMissCurve tail => tail.Exponent > 0,
        TableMissCurve table => IsSound(table),
        _ => true,
    };

    private static bool IsSound(TableMissCurve table)
    {
        var before = new MissPoint(0, 1);
        foreach (MissPoint point in table.Points)
        {
            if (!(point.Fill >= before.Fill && point.Misses >= 0 && point.Misses <= before.Misses)) return false;
            before = point;
        }

        return true;
    }
}
