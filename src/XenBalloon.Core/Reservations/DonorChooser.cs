using System.Buffers;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>
/// Chooses how much each donor gives, so that all of it arrives soonest: in a time T a balloon gives
/// min(available, rate · T), and T is the least at which these add up to the wanted amount. So nothing waits for a slow
/// balloon, which gives what it can in that time. Among choices that take hardly longer, idle memory goes first. Exact
/// to the page; allocates nothing.
/// </summary>
public static class DonorChooser
{
    /// <summary>
    /// How much longer it may take, in seconds, to spare domains memory that they want: about one balancing pass.
    /// </summary>
    private const double Patience = 1;

    /// <summary>
    /// Practically for ever; far enough from <see cref="TimeSpan.MaxValue"/> to be added to the clock.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(365);

    /// <summary>Chooses. If all donors together cannot give enough, each gives all it can.</summary>
    /// <param name="wanted">How much is to be freed.</param>
    /// <param name="donors">The donors.</param>
    /// <param name="amounts">
    /// What each should give from what it holds now, in whole pages; Σ is the wanted amount, unless some is missing.
    /// </param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static DonorChoice Choose(KiB wanted, ReadOnlySpan<Donor> donors, Span<KiB> amounts)
    {
        if (amounts.Length != donors.Length) throw new ArgumentException("one amount for each donor", nameof(amounts));
        KiB needed = KiB.Max(KiB.Zero, wanted).CeilingToPage();
        KiB available = KiB.Zero;
        for (int i = 0; i < donors.Length; i++) available += amounts[i] = All(donors[i]);
        if (available <= needed) return new DonorChoice(needed - available, Wait(Slowest(donors, amounts)));

        ProportionalFill.Fill(needed, donors, amounts);
        PreferIdle(needed, Slowest(donors, amounts) + Patience, donors, amounts);
        return new DonorChoice(KiB.Zero, Wait(Slowest(donors, amounts)));
    }

    /// <summary>
    /// Takes idle memory first, as far as it arrives within these seconds, and only the rest from memory that is
    /// wanted.
    /// </summary>
    private static void PreferIdle(KiB needed, double within, ReadOnlySpan<Donor> donors, Span<KiB> amounts)
    {
        KiB idle = KiB.Zero;
        for (int i = 0; i < donors.Length; i++) idle += amounts[i] = Idle(donors[i], within);
        if (idle >= needed)
        {
            ProportionalFill.Fill(needed, donors, amounts);
            return;
        }

        for (int i = 0; i < donors.Length; i++) amounts[i] = Delivered(donors[i], within) - Idle(donors[i], within);
        ProportionalFill.Fill(needed - idle, donors, amounts);
        for (int i = 0; i < donors.Length; i++) amounts[i] += Idle(donors[i], within);
    }

    /// <summary>All that a donor can ever give.</summary>
    private static KiB All(Donor donor) =>
        donor.Rate > KiB.Zero ? KiB.Max(KiB.Zero, donor.Available.FloorToPage()) : KiB.Zero;

    private static KiB Idle(Donor donor, double within) =>
        KiB.Min(donor.Idle.FloorToPage().Clamp(KiB.Zero, All(donor)), Delivered(donor, within));

    /// <summary>What arrives within these seconds.</summary>
    private static KiB Delivered(Donor donor, double within) =>
        new KiB((long)(donor.Rate.Value * within)).FloorToPage().Clamp(KiB.Zero, All(donor));

    private static double Slowest(ReadOnlySpan<Donor> donors, ReadOnlySpan<KiB> amounts)
    {
        double seconds = 0;
        for (int i = 0; i < donors.Length; i++)
        {
            if (amounts[i] <= KiB.Zero) continue;
            seconds = Math.Max(seconds, (double)amounts[i].Value / donors[i].Rate.Value);
        }

        return seconds;
    }

    private static TimeSpan Wait(double seconds) =>
        seconds < LongestWait.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestWait;
}

/// <summary>
/// Spreads an amount over donors in proportion to their rates, none beyond its cap (the water-filling algorithm).
/// </summary>
internal static class ProportionalFill
{
    /// <summary>
    /// Finds the least T at which Σ min(cap, rate · T) is the amount: first T without caps, and then repeatedly T with
    /// those donors at their caps that reach them, until there are no more. T only rises, so a donor at its cap stays
    /// there. Integers throughout, so the result is exact.
    /// </summary>
    /// <param name="amount">The amount to spread, in whole pages; at most all caps together.</param>
    /// <param name="donors">The donors, for their rates; one without a rate has a cap of zero.</param>
    /// <param name="amounts">In: the cap of each donor, in whole pages. Out: what each gives.</param>
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

        if (rates > 0) Spread(donors, caps, rest, rates, amounts);
        ArrayPool<KiB>.Shared.Return(rented);
    }

    /// <summary>
    /// With all donors at their caps that reach them at a time T: the amount left, and the rates to spread it over.
    /// </summary>
    private static (Int128 Unspread, Int128 Rates, int Full) Beyond(
        KiB amount, ReadOnlySpan<Donor> donors, ReadOnlySpan<KiB> caps, Int128 rest, Int128 rates)
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

    private static bool IsFull(KiB cap, Donor donor, Int128 rest, Int128 rates) =>
        cap == KiB.Zero || cap.Value * rates <= rest * donor.Rate.Value;

    /// <summary>Rounds down to pages. The remaining pages go to the fastest donors, which give them soonest.</summary>
    private static void Spread(
        ReadOnlySpan<Donor> donors, ReadOnlySpan<KiB> caps, Int128 rest, Int128 rates, Span<KiB> amounts)
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
                if (amounts[i] >= caps[i]) continue;
                if (fastest < 0 || donors[i].Rate > donors[fastest].Rate) fastest = i;
            }

            KiB more = KiB.Min(left, caps[fastest] - amounts[fastest]);
            amounts[fastest] += more;
            left -= more;
        }
    }
}
