using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Which reservation gets free memory, and until when.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AssignmentTests
{
    private readonly BookFixture keeper = new();

    [Test]
    public void Reservation_is_ready_when_its_minimum_is_free()
    {
        long id = keeper.WithFree(511).Asks(512);
        Assert.That(keeper.Settles().StateOf(id), Is.EqualTo(ReservationState.Gathering));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(1)));

        Assert.That(keeper.WithFree(512).Settles().StateOf(id), Is.EqualTo(ReservationState.Ready));
        Assert.That((keeper.Last.Held, keeper.Last.Wanted), Is.EqualTo((KiB.FromMiB(512), KiB.Zero)));
    }

    [Test]
    public void Reservation_takes_free_memory_up_to_its_maximum()
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
    public void Older_request_is_served_if_only_one_fits()
    {
        long first = keeper.WithFree(600).Asks(500), second = keeper.Asks(500);

        keeper.Settles();

        Assert.That(
            (keeper.StateOf(first), keeper.StateOf(second)),
            Is.EqualTo((ReservationState.Ready, ReservationState.Gathering)));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(400)));
    }

    [Test]
    public void Ten_reservations_become_ready_in_order_and_never_share_memory()
    {
        long[] ids = [.. Enumerable.Range(0, 10).Select(_ => keeper.Asks(256))];
        for (int i = 0; i <= 10; i++)
        {
            keeper.WithFree(256 * i).Settles();

            Assert.That(ids.Count(id => keeper.StateOf(id) == ReservationState.Ready), Is.EqualTo(i));
            Assert.That(keeper.Last.Held + keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(2560)));
        }
    }

    [Test]
    public void Ready_reservation_keeps_its_memory()
    {
        long ready = keeper.WithFree(512).Asks(512);
        keeper.Settles();
        long later = keeper.Asks(100);

        keeper.Settles();

        Assert.That((keeper.HeldMib(ready), keeper.HeldMib(later)), Is.EqualTo((512, 0)));
    }

    [Test]
    public void Memory_beyond_a_minimum_yields_to_a_later_minimum()
    {
        long ready = keeper.WithFree(1024).Asks(512, 1024);
        keeper.Settles();
        long later = keeper.Asks(500);

        keeper.Settles();

        Assert.That((keeper.HeldMib(ready), keeper.HeldMib(later)), Is.EqualTo((524, 500)));
    }

    [Test]
    public void Memory_lost_by_a_ready_reservation_is_wanted_first()
    {
        long ready = keeper.WithFree(512).Asks(512, within: 5);
        keeper.Settles();
        long later = keeper.Asks(100);

        TimeSpan answered = keeper.Now;
        keeper.Passes(60).WithFree(200).Settles();

        Assert.That(
            keeper.StateOf(ready), Is.EqualTo(ReservationState.Gathering), "its deadline no longer applies");
        Assert.That((keeper.HeldMib(ready), keeper.HeldMib(later)), Is.EqualTo((200, 0)));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(412)));
        Assert.That(keeper.WithFree(512).Settles()[ready].ReadyAt, Is.EqualTo(answered));
    }

    [Test]
    public void Reservation_that_is_not_ready_by_its_deadline_expires()
    {
        long id = keeper.WithFree(500).Asks(512, within: 10);
        keeper.Passes(9).Settles();
        Assert.That(keeper.HeldMib(id), Is.EqualTo(500));

        keeper.Passes(1).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.Expired) }));
        Assert.That((keeper.Last.Held, keeper.Last.Wanted), Is.EqualTo((KiB.Zero, KiB.Zero)));
    }

    [Test]
    public void Memory_that_is_free_at_the_deadline_counts()
    {
        long inTime = keeper.WithFree(512).Asks(512, within: 0), tooLate = keeper.Asks(512, within: 0);

        keeper.Settles();

        Assert.That(keeper.StateOf(inTime), Is.EqualTo(ReservationState.Ready));
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
    public void Nothing_is_held_if_free_memory_is_negative()
    {
        keeper.WithFree(-300).Asks(512);

        Assert.That((keeper.Settles().Last.Held, keeper.Last.Wanted), Is.EqualTo((KiB.Zero, KiB.FromMiB(512))));
    }

    [Test]
    public void Unchanged_reservation_is_the_same_object()
    {
        keeper.WithFree(900).Asks(512, 600);
        ReservationBook book = keeper.Settles().Book;
        Assert.That(keeper.Passes(1).Settles().Book, Is.SameAs(book));
    }

    [Test]
    public void Quiet_update_changes_and_allocates_nothing()
    {
        keeper.WithFree(900).Asks(512, 600);
        keeper.Asks(1024);
        keeper.Settles().Builds(5, 0).Claims(1, 5);
        ReservationBook book = keeper.Settles().Book;
        var snapshot = keeper.Snapshot();
        book.Update(snapshot, keeper.Free, keeper.Deliverable);

        long before = GC.GetAllocatedBytesForCurrentThread();
        BookUpdate settlement = book.Update(snapshot, keeper.Free, keeper.Deliverable);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(settlement.Book, Is.SameAs(book));
        Assert.That(allocated, Is.Zero);
    }
}

/// <summary>
/// Which reservations may go ahead of one that does not fit yet, how far, and reservations out of reach.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BackfillingTests
{
    private readonly BookFixture keeper = new();

    [Test]
    public void Small_reservation_goes_ahead_of_a_large_one_that_does_not_fit_yet()
    {
        long large = keeper.WithFree(600).Asks(8000), small = keeper.Asks(500);

        keeper.Settles();

        Assert.That(
            (keeper.StateOf(large), keeper.StateOf(small)),
            Is.EqualTo((ReservationState.Gathering, ReservationState.Ready)));
        Assert.That(keeper.HeldMib(large), Is.EqualTo(100));
    }

    [Test]
    public void Small_reservations_do_not_starve_a_large_one()
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
    public void Reservation_out_of_reach_does_not_delay_others_for_ever()
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
    public void No_memory_is_kept_for_a_reservation_out_of_reach()
    {
        keeper.Deliverable = KiB.FromMiB(1000);
        long hopeless = keeper.WithFree(600).Asks(2000);

        keeper.Settles();
        Assert.That(
            (keeper.HeldMib(hopeless), keeper.Last.Held, keeper.Last.Wanted), Is.EqualTo((0, KiB.Zero, KiB.Zero)));

        keeper.WithFree(1000).Settles();
        Assert.That((keeper.HeldMib(hopeless), keeper.Last.Wanted), Is.EqualTo((1000, KiB.FromMiB(1000))));
    }

    [Test]
    public void Reservation_that_falls_out_of_reach_stops_delaying_others()
    {
        long large = keeper.WithFree(600).Asks(1000);
        keeper.Asks(600);
        keeper.Settles().Asks(600);
        long second = keeper.WithFree(1200).Settles().Book.LastId;
        Assert.That(
            keeper.StateOf(second),
            Is.EqualTo(ReservationState.Gathering),
            "the large one has been overtaken far enough");

        keeper.Deliverable = KiB.FromMiB(300);

        Assert.That(keeper.Settles().StateOf(second), Is.EqualTo(ReservationState.Ready));
        Assert.That(keeper.StateOf(large), Is.EqualTo(ReservationState.Gathering));
    }

    [Test]
    public void Reservations_that_go_ahead_together_are_counted_together()
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
    public void Overtaking_is_counted_for_a_reservation_just_within_reach()
    {
        keeper.Deliverable = KiB.FromMiB(400);
        long large = keeper.WithFree(600).Asks(1000);
        keeper.Asks(600);
        Assert.That(keeper.Settles()[large].Overtaken, Is.EqualTo(KiB.FromMiB(600)));
    }
}
