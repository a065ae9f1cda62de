using System.Buffers;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>Spreads an amount over donors in proportion to their rates, none beyond its cap.</summary>
internal static class WaterFill
{
    /// <summary>
    /// Finds the least T at which Σ min(cap, rate · T) is the amount: T is first taken as if no cap held, and then again with those at their caps whose
    /// cap holds, until no more are found. T only rises, so whoever is at its cap stays there. Whole numbers throughout, so it is exact.
    /// </summary>
    /// <param name="amount">What to spread, in whole pages; no more than all caps together.</param>
    /// <param name="donors">Only their rates count; one without a rate has a cap of zero.</param>
    /// <param name="amounts">The most that each can give, in whole pages; then what it shall give.</param>
    internal static void Fill(KiB amount, ReadOnlySpan<Donor> donors, Span<KiB> amounts)
    {
        KiB[] rented = ArrayPool<KiB>.Shared.Rent(amounts.Length);
        Span<KiB> caps = rented.AsSpan(0, amounts.Length);
        amounts.CopyTo(caps);

        // T is rest / rates, in seconds.
        (Int128 rest, Int128 rates, int full) = Beyond(amount, donors, caps, rest: 0, rates: 1);
        for (int before = -1; full != before && rates > 0;)
        {
            before = full;
            (rest, rates, full) = Beyond(amount, donors, caps, rest, rates);
        }

        if (rates > 0) Hand(donors, caps, rest, rates, amounts);
        ArrayPool<KiB>.Shared.Return(rented);
    }

    /// <summary>What is left to spread, and the rates and number of those to spread it over, when all whose cap holds at a time T give what they can.</summary>
    private static (Int128 Unspread, Int128 Rates, int Full) Beyond(KiB amount, ReadOnlySpan<Donor> donors, ReadOnlySpan<KiB> caps, Int128 rest, Int128 rates)
    {
        (Int128 restBeyond, Int128 ratesBeyond, int full) = (amount.Value, 0, 0);
        for (int i = 0; i < donors.Length; i++)
        {
            if (IsFull(caps[i], donors[i], rest, rates))
            {
                restBeyond -= caps[i].Value;
                full++;
            }
            else
            {
                ratesBeyond += donors[i].Rate.Value;
            }
        }

        return (restBeyond, ratesBeyond, full);
    }

    private static bool IsFull(KiB cap, Donor donor, Int128 rest, Int128 rates) => cap == KiB.Zero || cap.Value * rates <= rest * donor.Rate.Value;

    /// <summary>Rounds down to pages. Those left over go to the fastest, whom they cost the least time.</summary>
    private static void Hand(ReadOnlySpan<Donor> donors, ReadOnlySpan<KiB> caps, Int128 rest, Int128 rates, Span<KiB> amounts)
    {
        KiB left = new((long)rest);
        for (int i = 0; i < donors.Length; i++)
        {
            if (IsFull(caps[i], donors[i], rest, rates)) continue;
            amounts[i] = new KiB((long)(rest * donors[i].Rate.Value / rates)).FloorToPage();
            left -= amounts[i];
        }

        while (left > KiB.Zero)
        {
            int fastest = -1;
            for (int i = 0; i < donors.Length; i++)
            {
                if (amounts[i] < caps[i] && (fastest < 0 || donors[i].Rate > donors[fastest].Rate)) fastest = i;
            }

            KiB more = KiB.Min(left, caps[fastest] - amounts[fastest]);
            amounts[fastest] += more;
            left -= more;
        }
    }
}
