using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Who gets what is free, and until when.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AssignmentTests
{
    private readonly BookKeeper keeper = new();

    [Test]
    public void A_reservation_is_ready_when_its_minimum_is_free()
    {
        long id = keeper.WithFree(511).Asks(512);
        Assert.That(keeper.Settles().StateOf(id), Is.EqualTo(ReservationState.Gathering));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(1)));

        Assert.That(keeper.WithFree(512).Settles().StateOf(id), Is.EqualTo(ReservationState.Held));
        Assert.That((keeper.Last.Held, keeper.Last.Wanted), Is.EqualTo((KiB.FromMiB(512), KiB.Zero)));
    }

    [Test]
    public void A_reservation_takes_up_to_its_maximum_of_what_is_free_and_no_more()
    {
        long id = keeper.WithFree(800).Asks(512, 1024);
        Assert.That(keeper.Settles().HeldMib(id), Is.EqualTo(800));
        Assert.That(keeper.Last.Desired, Is.EqualTo(KiB.FromMiB(224)));

        Assert.That(keeper.WithFree(4000).Settles().HeldMib(id), Is.EqualTo(1024));
        Assert.That(keeper.Last.Desired, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void All_minimums_come_before_any_maximum()
    {
        long greedy = keeper.WithFree(1000).Asks(200, 4000), modest = keeper.Asks(600);

        keeper.Settles();

        Assert.That((keeper.HeldMib(greedy), keeper.HeldMib(modest)), Is.EqualTo((400, 600)));
    }

    [Test]
    public void Of_two_that_fit_only_one_by_one_the_first_that_asked_is_served()
    {
        long first = keeper.WithFree(600).Asks(500), second = keeper.Asks(500);

        keeper.Settles();

        Assert.That((keeper.StateOf(first), keeper.StateOf(second)), Is.EqualTo((ReservationState.Held, ReservationState.Gathering)));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(400)));
    }

    [Test]
    public void A_small_one_does_not_wait_for_a_large_one_that_does_not_fit_yet()
    {
        long large = keeper.WithFree(600).Asks(8000), small = keeper.Asks(500);

        keeper.Settles();

        Assert.That((keeper.StateOf(large), keeper.StateOf(small)), Is.EqualTo((ReservationState.Gathering, ReservationState.Held)));
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
            if (keeper.Settles().StateOf(small) != ReservationState.Held) continue;
            ahead++;
        }

        Assert.That(keeper.StateOf(large), Is.EqualTo(ReservationState.Held));
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
            Assert.That(keeper.Settles().StateOf(small), Is.EqualTo(ReservationState.Held));
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

        Assert.That(keeper.Settles().StateOf(second), Is.EqualTo(ReservationState.Held));
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

        Assert.That(small.Count(id => keeper.StateOf(id) == ReservationState.Held), Is.EqualTo(1));
        Assert.That(keeper[large].Overtaken, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Ten_at_once_become_ready_one_after_another_as_memory_comes_and_never_share_any()
    {
        long[] ids = [.. Enumerable.Range(0, 10).Select(_ => keeper.Asks(256))];
        for (int i = 0; i <= 10; i++)
        {
            keeper.WithFree(256 * i).Settles();

            Assert.That(ids.Count(id => keeper.StateOf(id) == ReservationState.Held), Is.EqualTo(i));
            Assert.That(keeper.Last.Held + keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(2560)));
        }
    }

    [Test]
    public void What_a_ready_one_holds_is_not_taken_for_a_later_one()
    {
        long ready = keeper.WithFree(512).Asks(512);
        keeper.Settles();
        long later = keeper.Asks(100);

        keeper.Settles();

        Assert.That((keeper.HeldMib(ready), keeper.HeldMib(later)), Is.EqualTo((512, 0)));
    }

    [Test]
    public void What_is_beyond_a_minimum_yields_to_the_minimum_of_a_later_one()
    {
        long ready = keeper.WithFree(1024).Asks(512, 1024);
        keeper.Settles();
        long later = keeper.Asks(500);

        keeper.Settles();

        Assert.That((keeper.HeldMib(ready), keeper.HeldMib(later)), Is.EqualTo((524, 500)));
    }

    [Test]
    public void Memory_that_vanishes_from_under_a_ready_one_is_wanted_again_before_anyone_elses()
    {
        long ready = keeper.WithFree(512).Asks(512, within: 5);
        keeper.Settles();
        long later = keeper.Asks(100);

        TimeSpan answered = keeper.Now;
        keeper.Passes(60).WithFree(200).Settles();

        Assert.That(keeper.StateOf(ready), Is.EqualTo(ReservationState.Gathering), "its deadline does not count any more");
        Assert.That((keeper.HeldMib(ready), keeper.HeldMib(later)), Is.EqualTo((200, 0)));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(412)));
        Assert.That(keeper.WithFree(512).Settles()[ready].ReadyAt, Is.EqualTo(answered));
    }

    [Test]
    public void A_reservation_whose_minimum_is_not_free_by_its_deadline_expires_and_lets_go()
    {
        long id = keeper.WithFree(500).Asks(512, within: 10);
        keeper.Passes(9).Settles();
        Assert.That(keeper.HeldMib(id), Is.EqualTo(500));

        keeper.Passes(1).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.Expired) }));
        Assert.That((keeper.Last.Held, keeper.Last.Wanted), Is.EqualTo((KiB.Zero, KiB.Zero)));
    }

    [Test]
    public void At_the_very_deadline_what_is_free_still_counts()
    {
        long inTime = keeper.WithFree(512).Asks(512, within: 0), tooLate = keeper.Asks(512, within: 0);

        keeper.Settles();

        Assert.That(keeper.StateOf(inTime), Is.EqualTo(ReservationState.Held));
        Assert.That(keeper.Ended, Is.EqualTo(new[] { (tooLate, ReservationState.Expired) }));
    }

    [Test]
    public void Whole_pages_are_held()
    {
        long id = keeper.Asks(512, 600);
        keeper.Free = KiB.FromMiB(550) + new KiB(3);

        Assert.That(keeper.Settles()[id].Held, Is.EqualTo(KiB.FromMiB(550)));
    }

    [Test]
    public void With_less_than_nothing_free_nothing_is_held()
    {
        keeper.WithFree(-300).Asks(512);

        Assert.That((keeper.Settles().Last.Held, keeper.Last.Wanted), Is.EqualTo((KiB.Zero, KiB.FromMiB(512))));
    }

    [Test]
    public void Of_one_that_can_just_be_reached_it_is_counted_what_goes_ahead()
    {
        keeper.Deliverable = KiB.FromMiB(400);
        long large = keeper.WithFree(600).Asks(1000);
        keeper.Asks(600);
        Assert.That(keeper.Settles()[large].Overtaken, Is.EqualTo(KiB.FromMiB(600)));
    }

    [Test]
    public void A_ready_one_from_which_nothing_is_taken_is_the_same_in_a_quiet_step()
    {
        keeper.WithFree(900).Asks(512, 600);
        ReservationBook book = keeper.Settles().Book;
        Assert.That(keeper.Passes(1).Settles().Book, Is.SameAs(book));
    }

    [Test]
    public void A_quiet_step_changes_and_allocates_nothing()
    {
        keeper.WithFree(900).Asks(512, 600);
        keeper.Asks(1024);
        keeper.Settles().Builds(5, 0).Claims(1, 5);
        ReservationBook book = keeper.Settles().Book;
        var snapshot = keeper.Snapshot();
        book.Settle(snapshot, keeper.Free, keeper.Deliverable);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Settlement settlement = book.Settle(snapshot, keeper.Free, keeper.Deliverable);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(settlement.Book, Is.SameAs(book));
        Assert.That(allocated, Is.Zero);
    }
}
