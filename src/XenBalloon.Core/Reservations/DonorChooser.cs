using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>
/// Who gives how much, so that all of it is there soonest: in a time T a balloon delivers min(available, rate · T), and T is the least at which these add
/// up. So nobody waits for a slow balloon, which is asked for what it can give in that time. Among the ways that take hardly longer, memory is taken
/// where it is idle. Exact to the page; allocates nothing.
/// </summary>
public static class DonorChooser
{
    /// <summary>How much longer it may take, in seconds, to spare domains memory that they would miss: about what a step of the loop takes.</summary>
    private const double Patience = 1;

    /// <summary>For ever, as far as anyone waits; far enough from <see cref="TimeSpan.MaxValue"/> to be added to the clock.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(365);

    /// <summary>Chooses. Where all that there is does not suffice, everyone is asked for all it can give.</summary>
    /// <param name="wanted">How much is to be freed.</param>
    /// <param name="donors">Who can give.</param>
    /// <param name="amounts">What each should give from what it holds now, in whole pages; Σ is what is wanted, unless some is missing.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static DonorChoice Choose(KiB wanted, ReadOnlySpan<Donor> donors, Span<KiB> amounts)
    {
        if (amounts.Length != donors.Length) throw new ArgumentException("one amount for each donor", nameof(amounts));
        KiB needed = KiB.Max(KiB.Zero, wanted).CeilingToPage();
        KiB there = KiB.Zero;
        for (int i = 0; i < donors.Length; i++) there += amounts[i] = All(donors[i]);
        if (there <= needed) return new DonorChoice(needed - there, Wait(Slowest(donors, amounts)));

        WaterFill.Fill(needed, donors, amounts);
        PreferIdle(needed, Slowest(donors, amounts) + Patience, donors, amounts);
        return new DonorChoice(KiB.Zero, Wait(Slowest(donors, amounts)));
    }

    /// <summary>Takes what is idle first, as far as that can be delivered within these seconds, and only the rest from what would be missed.</summary>
    private static void PreferIdle(KiB needed, double within, ReadOnlySpan<Donor> donors, Span<KiB> amounts)
    {
        KiB idle = KiB.Zero;
        for (int i = 0; i < donors.Length; i++) idle += amounts[i] = Idle(donors[i], within);
        if (idle >= needed)
        {
            WaterFill.Fill(needed, donors, amounts);
            return;
        }

        for (int i = 0; i < donors.Length; i++) amounts[i] = Delivered(donors[i], within) - Idle(donors[i], within);
        WaterFill.Fill(needed - idle, donors, amounts);
        for (int i = 0; i < donors.Length; i++) amounts[i] += Idle(donors[i], within);
    }

    /// <summary>All that a donor can ever give.</summary>
    private static KiB All(Donor donor) => donor.Rate > KiB.Zero ? KiB.Max(KiB.Zero, donor.Available.FloorToPage()) : KiB.Zero;

    private static KiB Idle(Donor donor, double within) => KiB.Min(donor.Idle.FloorToPage().Clamp(KiB.Zero, All(donor)), Delivered(donor, within));

    /// <summary>What of it comes within these seconds.</summary>
    private static KiB Delivered(Donor donor, double within) =>
        new KiB((long)(donor.Rate.Value * within)).FloorToPage().Clamp(KiB.Zero, All(donor));

    private static double Slowest(ReadOnlySpan<Donor> donors, ReadOnlySpan<KiB> amounts)
    {
        double seconds = 0;
        for (int i = 0; i < donors.Length; i++)
        {
            if (amounts[i] > KiB.Zero) seconds = Math.Max(seconds, (double)amounts[i].Value / donors[i].Rate.Value);
        }

        return seconds;
    }

    private static TimeSpan Wait(double seconds) => seconds < LongestWait.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestWait;
}
