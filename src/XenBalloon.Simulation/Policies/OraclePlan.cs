using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Policies;

/// <summary>
/// Shares memory out by urgency: everyone is brought to his first level, then everyone to his second, and so on. At the level where it does not suffice all
/// lack the same amount: a missing page costs every guest alike until it does nothing but wait, which is so put off for as long as possible. Where it
/// cannot be put off for all, those who lack most are given up, and the others saved. What is left goes to page cache where it saves the most, and what
/// nobody has a use for to the spare levels.
/// </summary>
internal static class OraclePlan
{
    /// <summary>The size of each guest, in whole pages.</summary>
    /// <param name="guests">The guests, each with the same levels as the others.</param>
    /// <param name="capacity">What there is for all. Lower bounds hold even where it does not suffice for them.</param>
    public static KiB[] Sizes(IReadOnlyList<OracleGuest> guests, KiB capacity)
    {
        KiB[] sizes = [.. guests.Select(guest => guest.Lower.CeilingToPage())];
        KiB rest = capacity;
        foreach (KiB size in sizes) rest -= size;
        rest = Bring(guests, guest => guest.Levels, sizes, rest);
        rest = CacheShares.Share(guests, sizes, rest);
        Bring(guests, guest => guest.Spare, sizes, rest);
        return sizes;
    }

    /// <summary>Brings everyone to level after level, as far as it goes; returns what is left.</summary>
    private static KiB Bring(IReadOnlyList<OracleGuest> guests, Func<OracleGuest, ImmutableArray<OracleLevel>> levelsOf, KiB[] sizes, KiB rest)
    {
        int levels = guests.Count == 0 ? 0 : levelsOf(guests[0]).Length;
        for (int level = 0; level < levels && rest >= KiB.Page; level++)
        {
            KiB[] lacks = [.. guests.Select((guest, i) => KiB.Max(KiB.Zero, KiB.Min(levelsOf(guest)[level].Size, guest.Upper).FloorToPage() - sizes[i]))];
            KiB[] given = Given(lacks, levelsOf(guests[0])[level].Hopeless, rest);
            for (int i = 0; i < sizes.Length; i++)
            {
                sizes[i] += given[i];
                rest -= given[i];
            }
        }

        return rest;
    }

    private static KiB[] Given(KiB[] lacks, KiB hopeless, KiB rest)
    {
        if (lacks.Sum(lack => lack.Value) <= rest.Value) return lacks;
        int[] greatestFirst = [.. Enumerable.Range(0, lacks.Length).OrderByDescending(i => lacks[i])];
        var given = new KiB[lacks.Length];
        for (int lost = 0; lost < lacks.Length; lost++)
        {
            int[] saved = greatestFirst[lost..];
            KiB missing = Missing([.. saved.Select(i => lacks[i].Value)], rest);
            if (missing > hopeless && saved.Length > 1) continue;
            foreach (int i in saved) given[i] = KiB.Max(KiB.Zero, lacks[i] - missing);
            KiB left = rest;
            foreach (KiB amount in given) left -= amount;
            for (int i = 0; i < lost; i++) left -= given[greatestFirst[i]] = KiB.Min(left, lacks[greatestFirst[i]]).FloorToPage();
            break;
        }

        return given;
    }

    /// <summary>What each lacks in the end at most, so that what is there suffices for the rest.</summary>
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

    private static KiB Share(long lack, int among) => new KiB((lack + among - 1) / among).CeilingToPage();
}

/// <summary>A guest as the oracle plans for it.</summary>
/// <param name="Lower">The least that it can or may come down to.</param>
/// <param name="Upper">The most that it can or may grow to.</param>
/// <param name="Levels">Sizes that it needs, the most urgent first.</param>
internal readonly record struct OracleGuest(KiB Lower, KiB Upper, ImmutableArray<OracleLevel> Levels)
{
    /// <summary>The size without any page cache that <see cref="Cache"/> tells of.</summary>
    public KiB CacheFrom { get; init; } = KiB.Zero;

    /// <summary>What more page cache is worth to it, in the order in which it grows.</summary>
    public ImmutableArray<CachePiece> Cache { get; init; } = [];

    /// <summary>What it has or is on its way to: with as much saved, cache stays where it is.</summary>
    public KiB Has { get; init; } = KiB.Zero;

    /// <summary>Sizes that do it good where nobody has a use for the memory, those that do most good first.</summary>
    public ImmutableArray<OracleLevel> Spare { get; init; } = [];
}

/// <summary>A size that would do a guest good.</summary>
/// <param name="Size">The size.</param>
/// <param name="Hopeless">A guest that lacks more than this of it does nothing but wait, so that the rest is of no use to it either.</param>
internal readonly record struct OracleLevel(KiB Size, KiB Hopeless)
{
    // All that a guest uses is touched once in about four seconds. A page comes back from swap in 100 µs; of files, read-ahead brings most before they
    // are missed.
    private static readonly KiB HopelessPrograms = KiB.FromMiB(150);
    private static readonly KiB HopelessFiles = KiB.FromMiB(1500);

    /// <summary>What programs hold.</summary>
    public static OracleLevel Programs(KiB size) => new(size, HopelessPrograms);

    /// <summary>What programs hold, and files.</summary>
    public static OracleLevel Files(KiB size) => new(size, HopelessFiles);
}

/// <summary>
/// Shares memory out for page cache: always the piece next that saves the most. As no guest's next piece saves more than its last, no other shares leave
/// less slowdown in all, but for what pieces of use only as a whole cost, and what it is worth that memory need not move.
/// </summary>
internal static class CacheShares
{
    // What is held already counts so much more, so that memory does not move to and fro between two who could use it alike.
    private const double Kept = 1.25;

    /// <summary>Enlarges sizes.</summary>
    /// <param name="guests">The guests.</param>
    /// <param name="sizes">The size of each, in whole pages: what it has without regard to its cache.</param>
    /// <param name="rest">What there is for all.</param>
    /// <returns>What is left of that.</returns>
    public static KiB Share(IReadOnlyList<OracleGuest> guests, KiB[] sizes, KiB rest)
    {
        int[] next = new int[guests.Count];
        var queue = new PriorityQueue<int, (double Cost, int Guest)>();
        for (int i = 0; i < next.Length; i++) Enqueue(i);
        while (rest >= KiB.Page && queue.TryDequeue(out int i, out _))
        {
            CachePiece piece = guests[i].Cache[next[i]++];
            KiB end = guests[i].CacheFrom + piece.End;
            KiB lack = KiB.Max(KiB.Zero, KiB.Min(end, guests[i].Upper).FloorToPage() - sizes[i]);

            // Without it those that come after it are of no use either.
            if (piece.Whole && (end > guests[i].Upper || lack > rest)) continue;
            KiB given = KiB.Min(lack, rest.FloorToPage());
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
