using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>When will it be ready, and who is in the way?</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ProgressTests
{
    private static readonly Donor Fast = new(KiB.FromMiB(3072), KiB.FromMiB(3072), KiB.FromMiB(512));

    private static readonly Donor Trickler = new(KiB.FromMiB(3072), KiB.FromMiB(3072), new KiB(40));

    private readonly BookKeeper keeper = new();

    [Test]
    public void It_will_be_ready_when_the_fast_one_has_given_and_not_when_the_trickler_has()
    {
        long id = keeper.WithFree(0).Asks(2048);

        Note([Trickler, Fast], Standing(1, "not asked", 1000, 1000));

        Assert.That(keeper[id].Donations, Is.Empty);

        Assert.That((keeper[id].Eta - keeper.Now)!.Value.TotalSeconds, Is.EqualTo(4).Within(0.01));
    }

    [Test]
    public void Of_several_those_that_asked_first_are_ready_first()
    {
        long first = keeper.WithFree(0).Asks(512), second = keeper.Asks(1024), hopeless = keeper.Asks(8000);

        Note([Fast]);

        Assert.That(keeper[first].Eta, Is.EqualTo(keeper.Now + TimeSpan.FromSeconds(1)));
        Assert.That(keeper[second].Eta, Is.EqualTo(keeper.Now + TimeSpan.FromSeconds(3)));
        Assert.That(keeper[hopeless].Eta, Is.Null);
    }

    [Test]
    public void Nothing_is_noted_where_nothing_is_wanted()
    {
        keeper.WithFree(512).Asks(512);
        ReservationBook before = keeper.Settles().Book;

        Assert.That(before.WithProgress([Fast], [Standing(1, "web", 1000, 500)], keeper.Now), Is.SameAs(before));
    }

    [Test]
    public void Who_expires_names_those_that_did_not_give_and_those_that_could_not_be_asked()
    {
        keeper.WithFree(60).Asks(2048, within: 10);
        DonorStatus atMinimum = Standing(4, "", 300, 300, DonorObstacle.AtMinimum);
        Note([], Standing(1, "giver", 1000, 500), Standing(2, "trickler", 1000, 500), Standing(3, "mute", 1000, 600), atMinimum);
        keeper.Passes(9).WithFree(600);
        DonorStatus slow = Standing(2, "trickler", 960, 500, DonorObstacle.Slow);
        Note([], Standing(1, "giver", 500, 500), slow, Standing(3, "mute", 1000, 600, DonorObstacle.Stuck), atMinimum);

        keeper.Passes(1).Settles();

        Reservation expired = keeper.Last.Ended.Single();
        Assert.That(expired.BlockedBy.Select(one => (one.Name, one.Obstacle)), Is.EquivalentTo(new[]
        {
            ("trickler", DonorObstacle.Slow), ("mute", DonorObstacle.Stuck), ("", (DonorObstacle?)DonorObstacle.AtMinimum),
        }));
        Assert.That(expired.Explain(), Is.EqualTo(
            "2048 MiB did not become free in time; trickler gave 40 MiB of 500 MiB and is slow; mute gave 0 KiB of 400 MiB and does not answer; "
            + $"domain {BookKeeper.Identity(4)} is at its minimum"));
    }

    [Test]
    public void A_domain_is_measured_from_where_it_was_when_the_reservation_met_it()
    {
        long first = keeper.WithFree(0).Asks(2048);
        Note([], Standing(1, "web", 1000, 400));
        long second = keeper.Asks(2048);
        Note([], Standing(1, "web", 700, 400));

        Assert.That(keeper[first].Donations.Single(), Has.Property("Asked").EqualTo(KiB.FromMiB(600)).And.Property("Given").EqualTo(KiB.FromMiB(300)));
        Assert.That(keeper[second].Donations.Single(), Has.Property("Asked").EqualTo(KiB.FromMiB(300)).And.Property("Given").EqualTo(KiB.Zero));
    }

    [Test]
    public void Who_only_takes_his_next_step_is_in_nobodys_way_and_who_is_slow_at_it_is()
    {
        long id = keeper.WithFree(0).Asks(2048);
        Note([], Standing(1, "web", 1000, 400));
        Assert.That(keeper[id].BlockedBy, Is.Empty);

        Note([], Standing(1, "web", 700, 400, DonorObstacle.Slow));

        Assert.That(keeper[id].Explain(), Is.EqualTo("0 KiB of 2048 MiB held; web gave 300 MiB of 600 MiB and is slow"));
    }

    [Test]
    public void A_ready_reservation_is_blocked_by_no_one()
    {
        long id = keeper.WithFree(0).Asks(512);
        Note([], Standing(1, "web", 1000, 400, DonorObstacle.Slow));

        keeper.WithFree(512).Settles();

        Assert.That(keeper[id].BlockedBy, Is.Empty);
        Assert.That(keeper[id].Eta, Is.Null);
    }

    private static DonorStatus Standing(int domid, string name, long holdsMib, long targetMib, DonorObstacle? why = null) =>
        new(BookKeeper.Identity(domid), name, KiB.FromMiB(holdsMib), KiB.FromMiB(targetMib), why);

    private void Note(Donor[] donors, params DonorStatus[] standings)
    {
        keeper.Settles();
        keeper.Does(book => new BookChange(book.WithProgress(donors, standings, keeper.Now), []));
    }
}
