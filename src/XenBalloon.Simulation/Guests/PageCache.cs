using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <summary>A guest's page cache: fills what nothing else needs, since files that are read once stay there too.</summary>
/// <param name="description">How files are read beyond those that are read again and again.</param>
internal sealed class PageCache(CacheDescription description)
{
    private const double WorthHaving = 0.01;
    private const double Precision = 0.001;

    // Files are read no faster than this.
    private static readonly KiB ReadPerTick = Machine.PerTick(KiB.FromMiB(200));

    private readonly double lookupsPerTick = description.WorkingSet > KiB.Zero ? description.LookupsPerSecond / Machine.TicksPerSecond : 0;
    private readonly double missedByAll = description.Curve.At(1);
    private readonly KiB tolerance = description.WorkingSet.Times(0.005);
    private KiB evaluatedAt = new(-1);
    private int ticksSince;
    private double missed;
    private double refaulted;
    private double misses;
    private double refaults;

    /// <summary>How large it is.</summary>
    public KiB Size { get; private set; }

    /// <summary>
    /// How much of it is worth having, besides the files that are read from end to end: with less, more than <see cref="WorthHaving"/> of the time is
    /// lost. Curves with a long tail always save a read more with a page more, and nobody lacks that page.
    /// </summary>
    public KiB Useful { get; } = FindUseful(description);

    /// <summary>Fills it at once.</summary>
    public void Fill(KiB available) => Size = available;

    /// <summary>Lives through one tick.</summary>
    /// <param name="available">What nothing else needs.</param>
    /// <param name="files">Files that are read from end to end, once in a <see cref="GuestMemory.TicksPerRound"/>; they are kept first.</param>
    public CacheTick Advance(KiB available, KiB files)
    {
        Size = KiB.Min(available, Size + ReadPerTick);
        long again = files <= Size ? 0 : KiB.Min(new((files - Size).Value / GuestMemory.TicksPerRound), ReadPerTick).Value / KiB.PerPage;
        if (lookupsPerTick <= 0) return new CacheTick(again, again);

        Evaluate(KiB.Max(KiB.Zero, Size - files));
        long most = (ReadPerTick.Value / KiB.PerPage) - again;
        long missing = Math.Min(Whole(ref misses, lookupsPerTick * missed), most);
        return new CacheTick(again + missing, again + Whole(ref refaults, missing * refaulted));
    }

    private static KiB FindUseful(CacheDescription description)
    {
        if (description.WorkingSet <= KiB.Zero || description.LookupsPerSecond <= 0) return KiB.Zero;
        double wait = description.LookupsPerSecond * MemoryTick.WaitPerFileFault / TimeSpan.TicksPerSecond;
        double most = description.Curve.At(1) + (WorthHaving / wait);
        (double low, double high) = (0, 1);
        while (high - low > Precision)
        {
            double middle = (low + high) / 2;
            if (description.Curve.At(middle) > most) low = middle;
            else high = middle;
        }

        return description.Curve.At(0) <= most ? KiB.Zero : description.WorkingSet.Times(high);
    }

    // Curves are costly, and hardly change where the cache hardly does: once a second is soon enough.
    private void Evaluate(KiB size)
    {
        ticksSince++;
        KiB change = KiB.Max(size - evaluatedAt, evaluatedAt - size);
        if (change == KiB.Zero || (ticksSince < Machine.TicksPerSecond && change <= tolerance && evaluatedAt >= KiB.Zero)) return;
        (evaluatedAt, ticksSince) = (size, 0);
        missed = description.Curve.At((double)size.Value / description.WorkingSet.Value);
        refaulted = missed > missedByAll ? (missed - missedByAll) / missed : 0;
    }

    private static long Whole(ref double owed, double more)
    {
        owed += more;
        long whole = (long)owed;
        owed -= whole;
        return whole;
    }
}
