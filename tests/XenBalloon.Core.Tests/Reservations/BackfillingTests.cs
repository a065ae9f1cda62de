using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Who may go ahead of a reservation that does not fit yet, how far, and what becomes of one that is out of reach.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BackfillingTests
{
    private readonly BookKeeper keeper = new();

    [Test]
    public void A_small_one_does_not_wait_for_a_large_one_that_does_not_fit_yet()
    {
        long large = keeper.WithFree(600).Asks(8000), small = keeper.Asks(500);

        keeper.Settles();

        Assert.That((keeper.StateOf(large), keeper.StateOf(small)), Is.EqualTo((ReservationState.Gathering, ReservationState.Ready)));
        Assert.That(keeper.HeldMib(large), Is.EqualTo(100));
    }

    [Test]
    public void Small_ones_that_keep_coming_do_not_starve_a_large_one()
    {
        long large = keeper.WithFree(0).Asks(2000);
        int ahead = 0;
        for (int i = 0; i < 40 && keeper.StateOf(large) == ReservationState.Gathering; i++)
        {
            long small = keeper.Asks(300);
            keeper.Free += KiB.FromMiB(300);
            if (keeper.Settles().StateOf(small) != ReservationState.Ready) continue;
            ahead++;
        }

        Assert.That(keeper.StateOf(large), Is.EqualTo(ReservationState.Ready));
        Assert.That(ahead, Is.EqualTo(6), "no more than 2000 MiB may go ahead, and it fits soon after");
    }

    [Test]
    public void One_that_is_out_of_reach_holds_no_one_up_for_ever()
    {
        keeper.Deliverable = KiB.FromMiB(1000);
        long hopeless = keeper.WithFree(0).Asks(2000);
        for (int i = 0; i < 20; i++)
        {
            long small = keeper.Asks(300);
            keeper.Free += KiB.FromMiB(300);
            Assert.That(keeper.Settles().StateOf(small), Is.EqualTo(ReservationState.Ready));
        }

        Assert.That(keeper.StateOf(hopeless), Is.EqualTo(ReservationState.Gathering));
    }

    [Test]
    public void What_is_free_is_not_kept_for_one_that_is_out_of_reach()
    {
        keeper.Deliverable = KiB.FromMiB(1000);
        long hopeless = keeper.WithFree(600).Asks(2000);

        keeper.Settles();
        Assert.That((keeper.HeldMib(hopeless), keeper.Last.Held, keeper.Last.Wanted), Is.EqualTo((0, KiB.Zero, KiB.Zero)));

        keeper.WithFree(1000).Settles();
        Assert.That((keeper.HeldMib(hopeless), keeper.Last.Wanted), Is.EqualTo((1000, KiB.FromMiB(1000))));
    }

    [Test]
    public void One_that_falls_out_of_reach_stops_holding_others_up()
    {
        long large = keeper.WithFree(600).Asks(1000);
        keeper.Asks(600);
        keeper.Settles().Asks(600);
        long second = keeper.WithFree(1200).Settles().Book.LastId;
        Assert.That(keeper.StateOf(second), Is.EqualTo(ReservationState.Gathering), "the large one has been overtaken far enough");

        keeper.Deliverable = KiB.FromMiB(300);

        Assert.That(keeper.Settles().StateOf(second), Is.EqualTo(ReservationState.Ready));
        Assert.That(keeper.StateOf(large), Is.EqualTo(ReservationState.Gathering));
    }

    [Test]
    public void Several_that_go_ahead_at_once_count_together()
    {
        long large = keeper.WithFree(600).Asks(1000);
        keeper.Asks(600);
        keeper.Settles();
        long[] small = [keeper.Asks(300), keeper.Asks(300), keeper.Asks(300)];

        keeper.WithFree(1500).Settles();

        Assert.That(small.Count(id => keeper.StateOf(id) == ReservationState.Ready), Is.EqualTo(1));
        Assert.That(keeper[large].Overtaken, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Of_one_that_can_just_be_reached_it_is_counted_what_goes_ahead()
    {
        keeper.Deliverable = KiB.FromMiB(400);
        long large = keeper.WithFree(600).Asks(1000);
        keeper.Asks(600);
        Assert.That(keeper.Settles()[large].Overtaken, Is.EqualTo(KiB.FromMiB(600)));
    }
}
