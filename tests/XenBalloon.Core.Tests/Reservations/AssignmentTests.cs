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

        Assert.That(keeper.WithFree(512).Settles().StateOf(id), Is.EqualTo(ReservationState.Ready));
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

        Assert.That((keeper.StateOf(first), keeper.StateOf(second)), Is.EqualTo((ReservationState.Ready, ReservationState.Gathering)));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(400)));
    }

    [Test]
    public void Ten_at_once_become_ready_one_after_another_as_memory_comes_and_never_share_any()
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
    public void With_less_than_nothing_free_nothing_is_held()
    {
        keeper.WithFree(-300).Asks(512);

        Assert.That((keeper.Settles().Last.Held, keeper.Last.Wanted), Is.EqualTo((KiB.Zero, KiB.FromMiB(512))));
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
        book.Update(snapshot, keeper.Free, keeper.Deliverable);

        long before = GC.GetAllocatedBytesForCurrentThread();
        BookUpdate settlement = book.Update(snapshot, keeper.Free, keeper.Deliverable);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(settlement.Book, Is.SameAs(book));
        Assert.That(allocated, Is.Zero);
    }
}
