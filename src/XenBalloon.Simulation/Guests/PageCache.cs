using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <summary>
/// A guest's page cache. It fills all memory that is not used otherwise, because files that are read once stay too.
/// </summary>
/// <param name="description">The file reads beyond the files that are read repeatedly from end to end.</param>
internal sealed class PageCache(CacheDescription description)
{
    private const double NoticeableTime = 0.01;
    private const double Precision = 0.001;

    // The speed of the disk.
    private static readonly KiB ReadPerTick = Tick.Share(KiB.FromMiB(200));

    private readonly double lookupsPerTick =
        description.WorkingSet > KiB.Zero ? description.LookupsPerSecond / Tick.PerSecond : 0;

    private readonly double missedByAll = description.Curve.At(1);
    private readonly KiB tolerance = description.WorkingSet.Times(0.005);
    private KiB evaluatedAt = new(-1);
    private int ticksSince;
    private double missed;
    private double refaulted;
    private double misses;
    private double refaults;

    /// <summary>The current size.</summary>
    public KiB Size { get; private set; }

    /// <summary>
    /// The useful size, without the files that are read from end to end: a smaller cache costs more than
    /// <see cref="NoticeableTime"/> of the time. (With a long-tail curve every further page saves some reads, which is
    /// no shortage.)
    /// </summary>
    public KiB Useful { get; } = FindUseful(description);

    /// <summary>Fills the cache at once.</summary>
    public void Fill(KiB available) => Size = available;

    /// <summary>Advances by one tick.</summary>
    /// <param name="available">Memory that is not used otherwise.</param>
    /// <param name="files">
    /// Files that are read from end to end, once in <see cref="GuestMemory.TicksPerRound"/>. They are cached first.
    /// </param>
    public CacheMisses Advance(KiB available, KiB files)
    {
        Size = KiB.Min(available, Size + ReadPerTick);
        long again = files <= Size
            ? 0
            : KiB.Min(new((files - Size).Value / GuestMemory.TicksPerRound), ReadPerTick).Value / KiB.PerPage;
        if (lookupsPerTick <= 0) return new CacheMisses(again, again);

        Evaluate(KiB.Max(KiB.Zero, Size - files));
        long most = (ReadPerTick.Value / KiB.PerPage) - again;
        long missing = Math.Min(Whole(ref misses, lookupsPerTick * missed), most);
        return new CacheMisses(again + missing, again + Whole(ref refaults, missing * refaulted));
    }

    private static KiB FindUseful(CacheDescription description)
    {
        if (description.WorkingSet <= KiB.Zero || description.LookupsPerSecond <= 0) return KiB.Zero;
        double wait = description.LookupsPerSecond * MemoryCost.WaitPerFileFault / TimeSpan.TicksPerSecond;
        double most = description.Curve.At(1) + (NoticeableTime / wait);
        (double low, double high) = (0, 1);
        while (high - low > Precision)
        {
            double middle = (low + high) / 2;
            if (description.Curve.At(middle) > most) low = middle;
            else high = middle;
        }

        return description.Curve.At(0) <= most ? KiB.Zero : description.WorkingSet.Times(high);
    }

    // Curves are expensive and change little while the cache does: once a second is enough.
    private void Evaluate(KiB size)
    {
        ticksSince++;
        KiB change = KiB.Max(size - evaluatedAt, evaluatedAt - size);
        bool recent = ticksSince < Tick.PerSecond && change <= tolerance && evaluatedAt >= KiB.Zero;
        if (change == KiB.Zero || recent) return;
        (evaluatedAt, ticksSince) = (size, 0);
        missed = description.Curve.At((double)size.Value / description.WorkingSet.Value);
        refaulted = missed > missedByAll ? (missed - missedByAll) / missed : 0;
    }

    // Carries the fraction of a page over to the next tick.
    private static long Whole(ref double sum, double more)
    {
        sum += more;
        long whole = (long)sum;
        sum -= whole;
        return whole;
    }
}

/// <summary>The pages that a cache missed in a tick.</summary>
/// <param name="Total">Pages read from disk.</param>
/// <param name="Refaults">The part of them that a cache as large as the working set would have held.</param>
internal readonly record struct CacheMisses(long Total, long Refaults);
