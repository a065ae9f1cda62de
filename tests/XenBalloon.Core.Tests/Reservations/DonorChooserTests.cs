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
    public void Slow_donor_does_not_delay_the_others()
    {
        Donor fast = Idle(3072, KiB.FromMiB(900)), trickler = Idle(3072, new KiB(40));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(2048), trickler, fast);

        Assert.That(choice.Missing, Is.EqualTo(KiB.Zero));
        Assert.That(choice.Within.TotalSeconds, Is.EqualTo(2048.0 / 900).Within(0.001));
        Assert.That(amounts, Is.EqualTo(new[] { new KiB(88), KiB.FromMiB(2048) - new KiB(88) }));
    }

    [Test]
    public void Balloons_of_the_same_speed_give_the_same_amount()
    {
        Donor donor = Idle(1000, KiB.FromMiB(100));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(900), donor, donor, donor);

        Assert.That(amounts, Is.All.EqualTo(KiB.FromMiB(300)));
        Assert.That(choice.Within, Is.EqualTo(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public void Slow_donors_give_more_if_a_fast_one_has_little()
    {
        (DonorChoice choice, KiB[] amounts) = Choose(
            KiB.FromMiB(700), Idle(100, KiB.FromMiB(900)), Idle(2000, KiB.FromMiB(200)), Idle(2000, KiB.FromMiB(100)));

        Assert.That(amounts, Is.EqualTo(new[] { KiB.FromMiB(100), KiB.FromMiB(400), KiB.FromMiB(200) }));
        Assert.That(choice.Within, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void All_donors_give_everything_if_they_cannot_give_enough()
    {
        (DonorChoice choice, KiB[] amounts) = Choose(
            KiB.FromMiB(1500), Idle(700, KiB.FromMiB(100)), Idle(300, KiB.FromMiB(100)));

        Assert.That(choice.Missing, Is.EqualTo(KiB.FromMiB(500)));
        Assert.That(amounts, Is.EqualTo(new[] { KiB.FromMiB(700), KiB.FromMiB(300) }));
    }

    [Test]
    public void Balloon_that_does_not_answer_gives_nothing()
    {
        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(100), Idle(700, KiB.Zero));

        Assert.That((choice.Missing, amounts[0]), Is.EqualTo((KiB.FromMiB(100), KiB.Zero)));
    }

    [Test]
    public void Wanted_memory_is_spared_if_idle_memory_arrives_as_soon()
    {
        var idle = new Donor(KiB.FromMiB(2000), KiB.FromMiB(2000), KiB.FromMiB(900));
        var busy = new Donor(KiB.FromMiB(2000), KiB.Zero, KiB.FromMiB(50));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(950), idle, busy);

        Assert.That(amounts, Is.EqualTo(new[] { KiB.FromMiB(950), KiB.Zero }));
        Assert.That(choice.Within.TotalSeconds, Is.EqualTo(950.0 / 900).Within(0.001));
    }

    [Test]
    public void Wanted_memory_is_taken_if_idle_memory_takes_much_longer()
    {
        var idleTrickler = new Donor(KiB.FromMiB(2000), KiB.FromMiB(2000), new KiB(40));
        var busy = new Donor(KiB.FromMiB(2000), KiB.Zero, KiB.FromMiB(900));

        (DonorChoice choice, KiB[] amounts) = Choose(KiB.FromMiB(900), idleTrickler, busy);

        Assert.That(choice.Within.TotalSeconds, Is.LessThanOrEqualTo(2));
        Assert.That(amounts[1], Is.GreaterThan(KiB.FromMiB(899)));
    }

    [Test]
    public void Wait_is_at_most_a_year()
    {
        (DonorChoice choice, _) = Choose(new KiB(1L << 44), new Donor(new KiB(1L << 45), KiB.Zero, new KiB(1)));

        Assert.That(choice.Within, Is.EqualTo(TimeSpan.FromDays(365)));
    }

    [Test]
    public void Amounts_are_within_what_is_available_and_add_up_to_the_page() => Cases.Sample(input =>
    {
        (DonorChoice choice, KiB[] amounts) = Choose(input.Wanted, input.Donors);
        KiB sum = new(amounts.Sum(amount => amount.Value));
        return input.Donors.Zip(amounts).All(pair => pair.Second >= KiB.Zero
                && pair.Second <= (pair.First.Rate > KiB.Zero ? pair.First.Available : KiB.Zero)
                && pair.Second == pair.Second.FloorToPage())
            && sum + choice.Missing == input.Wanted.CeilingToPage()
            && (choice.Missing == KiB.Zero
                || input.Donors.Zip(amounts).All(
                    pair => pair.First.Rate <= KiB.Zero || pair.Second == pair.First.Available.FloorToPage()));
    });

    [Test]
    public void No_other_choice_is_much_faster() => Cases.Sample(input =>
    {
        (DonorChoice choice, KiB[] amounts) = Choose(input.Wanted, input.Donors);
        if (choice.Missing > KiB.Zero || choice.Within.TotalSeconds <= Patience) return true;

        // Remaining pages go to the fastest donor that has some left, so they shift the arrival by at most a page for
        // each pair of donors.
        double seconds = choice.Within.TotalSeconds - Patience;
        double delivered = input.Donors.Sum(
            donor => Math.Min(donor.Available.FloorToPage().Value, Math.Max(0, donor.Rate.Value) * seconds));
        long rounding = KiB.PerPage * (1 + (input.Donors.Length * input.Donors.Length));
        return delivered <= input.Wanted.Value + rounding + (delivered * 1e-6);
    });

    [Test]
    public void No_wanted_memory_is_taken_while_idle_memory_arrives_in_time() => Cases.Sample(input =>
    {
        (DonorChoice choice, KiB[] amounts) = Choose(input.Wanted, input.Donors);
        bool missed = input.Donors.Zip(amounts).Any(pair => pair.Second > pair.First.Idle);
        if (choice.Missing > KiB.Zero || !missed) return true;
        return input.Donors.Zip(amounts).All(pair =>
        {
            var delivered = new KiB((long)(pair.First.Rate.Value * choice.Within.TotalSeconds));
            return pair.Second >= KiB.Min(pair.First.Idle.FloorToPage(), delivered.FloorToPage() - KiB.Page);
        });
    });

    [Test]
    public void Order_of_the_donors_matters_for_rounding_only() => Cases.Sample(input =>
    {
        KiB[] forward = Choose(input.Wanted, input.Donors).Amounts;
        KiB[] backward = [.. Choose(input.Wanted, [.. input.Donors.Reverse()]).Amounts.Reverse()];
        return forward.Zip(backward).All(
            pair => Math.Abs(pair.First.Value - pair.Second.Value) <= KiB.PerPage * input.Donors.Length);
    });

    [Test]
    public void Spans_of_different_lengths_are_refused_for_donors() =>
        Assert.That(() => DonorChooser.Choose(KiB.Page, new Donor[2], new KiB[1]), Throws.ArgumentException);

    private static Donor Idle(long mib, KiB rate) => new(KiB.FromMiB(mib), KiB.FromMiB(mib), rate);

    private static (DonorChoice Choice, KiB[] Amounts) Choose(KiB wanted, params Donor[] donors)
    {
        var amounts = new KiB[donors.Length];
        return (DonorChooser.Choose(wanted, donors, amounts), amounts);
    }
}
