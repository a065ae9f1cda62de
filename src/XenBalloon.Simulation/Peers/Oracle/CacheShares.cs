using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

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
