using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Divides memory by urgency: all guests reach their first level, then all their second, and so on. At the level for
/// which memory does not suffice, all guests are short by the same amount. A missing page costs every guest the same
/// until the guest thrashes, so this delays thrashing as long as possible. Where thrashing cannot be avoided for all,
/// the guests that are short by most are given up to save the others. The rest goes to page cache, where it saves the
/// most, and then to the surplus levels.
/// </summary>
internal static class OraclePlan
{
    /// <summary>The size of each guest, in whole pages.</summary>
    /// <param name="guests">The guests; all have the same number of levels.</param>
    /// <param name="capacity">The memory to divide. Lower bounds hold even if they exceed it.</param>
    public static KiB[] Sizes(IReadOnlyList<OracleGuest> guests, KiB capacity)
    {
        KiB[] sizes = [.. guests.Select(guest => guest.Lower.CeilingToPage())];
        KiB rest = capacity;
        foreach (KiB size in sizes) rest -= size;
        rest = Bring(guests, guest => guest.Levels, sizes, rest);
        rest = CacheAllocation.Share(guests, sizes, rest);
        Bring(guests, guest => guest.SurplusLevels, sizes, rest);
        return sizes;
    }

    /// <summary>Raises all guests from level to level as far as memory suffices; returns the rest.</summary>
    private static KiB Bring(
        IReadOnlyList<OracleGuest> guests, Func<OracleGuest, ImmutableArray<OracleLevel>> levelsOf, KiB[] sizes,
        KiB rest)
    {
        int levels = guests.Count == 0 ? 0 : levelsOf(guests[0]).Length;
        for (int level = 0; level < levels && rest >= KiB.Page; level++)
        {
            KiB[] shortages = [.. guests.Select((guest, i) => guest.ShortOf(levelsOf(guest)[level].Size, sizes[i]))];
            KiB[] given = Given(shortages, levelsOf(guests[0])[level].ThrashingShortage, rest);
            for (int i = 0; i < sizes.Length; i++)
            {
                sizes[i] += given[i];
                rest -= given[i];
            }
        }

        return rest;
    }

    private static KiB[] Given(KiB[] shortages, KiB thrashing, KiB rest)
    {
        if (shortages.Sum(shortage => shortage.Value) <= rest.Value) return shortages;
        int[] greatestFirst = [.. Enumerable.Range(0, shortages.Length).OrderByDescending(i => shortages[i])];
        var given = new KiB[shortages.Length];
        for (int lost = 0; lost < shortages.Length; lost++)
        {
            int[] saved = greatestFirst[lost..];
            KiB missing = Missing([.. saved.Select(i => shortages[i].Value)], rest);
            if (missing > thrashing && saved.Length > 1) continue;
            foreach (int i in saved) given[i] = KiB.Max(KiB.Zero, shortages[i] - missing);
            KiB left = rest;
            foreach (KiB amount in given) left -= amount;
            for (int i = 0; i < lost; i++)
                left -= given[greatestFirst[i]] = KiB.Min(left, shortages[greatestFirst[i]]).FloorToPage();
            break;
        }

        return given;
    }

    /// <summary>The most that a guest is short by, such that the rest suffices.</summary>
    private static KiB Missing(long[] greatestFirst, KiB rest)
    {
        if (greatestFirst.Sum() <= rest.Value) return KiB.Zero;
        long sum = 0;
        for (int served = 1; served < greatestFirst.Length; served++)
        {
            sum += greatestFirst[served - 1];
            if (sum - (served * greatestFirst[served]) >= rest.Value) return Share(sum - rest.Value, served);
        }

        return Share(sum + greatestFirst[^1] - rest.Value, greatestFirst.Length);
    }

    private static KiB Share(long shortage, int among) => new KiB((shortage + among - 1) / among).CeilingToPage();
}

/// <summary>A guest as the oracle plans for it.</summary>
/// <param name="Lower">The smallest size that it can reach or may have.</param>
/// <param name="Upper">The largest size that it can reach or may have.</param>
/// <param name="Levels">The sizes that it needs, the most urgent first.</param>
internal readonly record struct OracleGuest(KiB Lower, KiB Upper, ImmutableArray<OracleLevel> Levels)
{
    /// <summary>What a size shortages of a wanted one, as far as the guest can grow.</summary>
    public KiB ShortOf(KiB wanted, KiB size) => KiB.Max(KiB.Zero, KiB.Min(wanted, Upper).FloorToPage() - size);

    /// <summary>The size without the page cache of <see cref="Cache"/>.</summary>
    public KiB CacheFrom { get; init; } = KiB.Zero;

    /// <summary>The value of more page cache, in the order in which the cache grows.</summary>
    public ImmutableArray<CachePiece> Cache { get; init; } = [];

    /// <summary>Its current or targeted size: with equal savings, cache stays where it is.</summary>
    public KiB Has { get; init; } = KiB.Zero;

    /// <summary>Sizes that help it if the memory has no other use, the most useful first.</summary>
    public ImmutableArray<OracleLevel> SurplusLevels { get; init; } = [];
}

/// <summary>A size that would help a guest.</summary>
/// <param name="Size">The size.</param>
/// <param name="ThrashingShortage">
/// A guest that is short by more than this does nothing but wait, so the rest is useless to it too.
/// </param>
internal readonly record struct OracleLevel(KiB Size, KiB ThrashingShortage)
{
    // A guest touches all memory in use once in about four seconds. A page comes back from swap in 100 µs; read-ahead
    // brings most file pages before they are missed.
    private static readonly KiB ThrashingPrograms = KiB.FromMiB(150);
    private static readonly KiB ThrashingFiles = KiB.FromMiB(1500);

    /// <summary>What programs hold.</summary>
    public static OracleLevel Programs(KiB size) => new(size, ThrashingPrograms);

    /// <summary>What programs hold, and files.</summary>
    public static OracleLevel Files(KiB size) => new(size, ThrashingFiles);
}

/// <summary>
/// Divides memory for page cache: the piece that saves the most is next. As no piece of a guest saves more than the one
/// before it, no other division leaves less slowdown in total, except for the cost of indivisible pieces and the
/// preference for memory that need not move.
/// </summary>
internal static class CacheAllocation
{
    // Memory that is already held counts for more, so that it does not move back and forth between two guests with
    // equal use for it.
    private const double Kept = 1.25;

    /// <summary>Enlarges sizes.</summary>
    /// <param name="guests">The guests.</param>
    /// <param name="sizes">The size of each guest in whole pages, without its cache.</param>
    /// <param name="rest">The memory to divide.</param>
    /// <returns>The rest.</returns>
    public static KiB Share(IReadOnlyList<OracleGuest> guests, KiB[] sizes, KiB rest)
    {
        int[] next = new int[guests.Count];
        var queue = new PriorityQueue<int, (double Cost, int Guest)>();
        for (int i = 0; i < next.Length; i++) Enqueue(i);
        while (rest >= KiB.Page && queue.TryDequeue(out int i, out _))
        {
            CachePiece piece = guests[i].Cache[next[i]++];
            KiB end = guests[i].CacheFrom + piece.End;
            KiB shortage = guests[i].ShortOf(end, sizes[i]);

            // Without this piece the later ones are useless too.
            if (piece.IsIndivisible && (end > guests[i].Upper || shortage > rest)) continue;
            KiB given = KiB.Min(shortage, rest.FloorToPage());
            sizes[i] += given;
            rest -= given;
            Enqueue(i);
        }

        return rest;

        void Enqueue(int i)
        {
            if (next[i] == guests[i].Cache.Length) return;
            CachePiece piece = guests[i].Cache[next[i]];
            bool held = guests[i].CacheFrom + piece.End <= guests[i].Has;
            queue.Enqueue(i, (held ? -piece.Saved * Kept : -piece.Saved, i));
        }
    }
}
