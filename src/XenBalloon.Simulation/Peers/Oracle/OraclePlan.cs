using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Peers.Oracle;

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
