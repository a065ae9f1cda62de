using CsCheck;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

public sealed class DonorChooserTests
{
    private const double Patience = 1;

    private static readonly Gen<Donor> Donors =
        from available in Gen.Long[0, 16L << 20]
        from idlePart in Gen.Double[0, 1]
        from rate in Gen.OneOf(Gen.Long[-10, 100], Gen.Long[0, 4L << 20])
        select new Donor(new KiB(available), new KiB(available).Times(idlePart), new KiB(rate));

    private static readonly Gen<(KiB Wanted, Donor[] Donors)> Cases =
        from donors in Donors.Array[0, 12]
        from wanted in Gen.Long[0, 64L << 20]
        select (new KiB(wanted), donors);

    [Test]
    public void A_trickler_does_not_hold_the_others_up()
    {
        Donor fast = Idle(3072, KiB.FromMiB(900)), trickler = Idle(3072, new KiB(40));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(2048), trickler, fast);

        Assert.That(choice.Missing, Is.EqualTo(KiB.Zero));
        Assert.That(choice.Within.TotalSeconds, Is.EqualTo(2048.0 / 900).Within(0.001));
        Assert.That(amounts, Is.EqualTo(new[] { new KiB(88), KiB.FromMiB(2048) - new KiB(88) }));
    }

    [Test]
    public void Balloons_of_the_same_speed_share_the_work()
    {
        Donor donor = Idle(1000, KiB.FromMiB(100));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(900), donor, donor, donor);

        Assert.That(amounts, Is.All.EqualTo(KiB.FromMiB(300)));
        Assert.That(choice.Within, Is.EqualTo(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public void Where_a_fast_one_has_little_the_slow_ones_give_more()
    {
        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(700), Idle(100, KiB.FromMiB(900)), Idle(2000, KiB.FromMiB(200)), Idle(2000, KiB.FromMiB(100)));

        Assert.That(amounts, Is.EqualTo(new[] { KiB.FromMiB(100), KiB.FromMiB(400), KiB.FromMiB(200) }));
        Assert.That(choice.Within, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void Where_all_together_have_too_little_each_is_asked_for_all_and_the_rest_is_missing()
    {
        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(1500), Idle(700, KiB.FromMiB(100)), Idle(300, KiB.FromMiB(100)));

        Assert.That(choice.Missing, Is.EqualTo(KiB.FromMiB(500)));
        Assert.That(amounts, Is.EqualTo(new[] { KiB.FromMiB(700), KiB.FromMiB(300) }));
    }

    [Test]
    public void A_balloon_that_does_not_answer_counts_for_nothing()
    {
        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(100), Idle(700, KiB.Zero));

        Assert.That((choice.Missing, amounts[0]), Is.EqualTo((KiB.FromMiB(100), KiB.Zero)));
    }

    [Test]
    public void Memory_that_would_be_missed_is_spared_where_idle_memory_comes_as_soon()
    {
        var idle = new Donor(KiB.FromMiB(2000), KiB.FromMiB(2000), KiB.FromMiB(900));
        var busy = new Donor(KiB.FromMiB(2000), KiB.Zero, KiB.FromMiB(50));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(950), idle, busy);

        Assert.That(amounts, Is.EqualTo(new[] { KiB.FromMiB(950), KiB.Zero }));
        Assert.That(choice.Within.TotalSeconds, Is.EqualTo(950.0 / 900).Within(0.001));
    }

    [Test]
    public void Memory_that_would_be_missed_is_taken_where_the_idle_would_take_much_longer()
    {
        var idleTrickler = new Donor(KiB.FromMiB(2000), KiB.FromMiB(2000), new KiB(40));
        var busy = new Donor(KiB.FromMiB(2000), KiB.Zero, KiB.FromMiB(900));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(900), idleTrickler, busy);

        Assert.That(choice.Within.TotalSeconds, Is.LessThanOrEqualTo(2));
        Assert.That(amounts[1], Is.GreaterThan(KiB.FromMiB(899)));
    }

    [Test]
    public void Nobody_waits_longer_than_a_year_whatever_a_balloon_would_need()
    {
        (DonorChoice choice, _) = Choose(new KiB(1L << 44), new Donor(new KiB(1L << 45), KiB.Zero, new KiB(1)));

        Assert.That(choice.Within, Is.EqualTo(TimeSpan.FromDays(365)));
    }

    [Test]
    public void No_one_gives_more_than_it_has_and_together_they_give_what_is_wanted_to_the_page() => Cases.Sample(one =>
    {
        (DonorChoice choice, KiB[] amounts) = Choose(one.Wanted, one.Donors);
        KiB sum = new(amounts.Sum(amount => amount.Value));
        return one.Donors.Zip(amounts).All(pair => pair.Second >= KiB.Zero
                && pair.Second <= (pair.First.Rate > KiB.Zero ? pair.First.Available : KiB.Zero)
                && pair.Second == pair.Second.FloorToPage())
            && sum + choice.Missing == one.Wanted.CeilingToPage()
            && (choice.Missing == KiB.Zero
                || one.Donors.Zip(amounts).All(pair => pair.First.Rate <= KiB.Zero || pair.Second == pair.First.Available.FloorToPage()));
    });

    [Test]
    public void No_choice_could_be_delivered_much_sooner() => Cases.Sample(one =>
    {
        (DonorChoice choice, KiB[] amounts) = Choose(one.Wanted, one.Donors);
        if (choice.Missing > KiB.Zero || choice.Within.TotalSeconds <= Patience) return true;

        // Pages that rounding leaves over go to the fastest that still has something, so they shift what comes by a page for each pair of donors at most.
        double seconds = choice.Within.TotalSeconds - Patience;
        double delivered = one.Donors.Sum(donor => Math.Min(donor.Available.FloorToPage().Value, Math.Max(0, donor.Rate.Value) * seconds));
        long rounding = KiB.PerPage * (1 + (one.Donors.Length * one.Donors.Length));
        return delivered <= one.Wanted.Value + rounding + (delivered * 1e-6);
    });

    [Test]
    public void Nothing_that_would_be_missed_is_taken_while_idle_memory_could_come_in_time() => Cases.Sample(one =>
    {
        (DonorChoice choice, KiB[] amounts) = Choose(one.Wanted, one.Donors);
        bool missed = one.Donors.Zip(amounts).Any(pair => pair.Second > pair.First.Idle);
        if (choice.Missing > KiB.Zero || !missed) return true;
        return one.Donors.Zip(amounts).All(pair =>
        {
            var delivered = new KiB((long)(pair.First.Rate.Value * choice.Within.TotalSeconds));
            return pair.Second >= KiB.Min(pair.First.Idle.FloorToPage(), delivered.FloorToPage() - KiB.Page);
        });
    });

    [Test]
    public void The_order_of_the_donors_does_not_matter_beyond_what_rounding_leaves_over() => Cases.Sample(one =>
    {
        KiB[] forward = Choose(one.Wanted, one.Donors).Amounts;
        KiB[] backward = [.. Choose(one.Wanted, [.. one.Donors.Reverse()]).Amounts.Reverse()];
        return forward.Zip(backward).All(pair => Math.Abs(pair.First.Value - pair.Second.Value) <= KiB.PerPage * one.Donors.Length);
    });

    [Test]
    public void Each_donor_needs_its_amount() =>
        Assert.That(() => DonorChooser.Choose(KiB.Page, new Donor[2], new KiB[1]), Throws.ArgumentException);

    private static Donor Idle(long mib, KiB rate) => new(KiB.FromMiB(mib), KiB.FromMiB(mib), rate);

    private static (DonorChoice Choice, KiB[] Amounts) Choose(KiB wanted, params Donor[] donors)
    {
        var amounts = new KiB[donors.Length];
        return (DonorChooser.Choose(wanted, donors, amounts), amounts);
    }
}
