using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Which reservation gets free memory, and until when.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AssignmentTests
{
    private readonly BookFixture fixture = new();

    [Test]
    public void Reservation_is_ready_when_its_minimum_is_free()
    {
        long id = fixture.WithFree(511).Requests(512);
        Assert.That(fixture.Updates().StateOf(id), Is.EqualTo(ReservationState.Gathering));
        Assert.That(fixture.Last.Wanted, Is.EqualTo(KiB.FromMiB(1)));

        Assert.That(fixture.WithFree(512).Updates().StateOf(id), Is.EqualTo(ReservationState.Ready));
        Assert.That((fixture.Last.Held, fixture.Last.Wanted), Is.EqualTo((KiB.FromMiB(512), KiB.Zero)));
    }

    [Test]
    public void Reservation_takes_free_memory_up_to_its_maximum()
    {
        long id = fixture.WithFree(800).Requests(512, 1024);
        Assert.That(fixture.Updates().HeldMib(id), Is.EqualTo(800));
        Assert.That(fixture.Last.Desired, Is.EqualTo(KiB.FromMiB(224)));

        Assert.That(fixture.WithFree(4000).Updates().HeldMib(id), Is.EqualTo(1024));
        Assert.That(fixture.Last.Desired, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void All_minimums_come_before_any_maximum()
    {
        long large = fixture.WithFree(1000).Requests(200, 4000), small = fixture.Requests(600);

        fixture.Updates();

        Assert.That((fixture.HeldMib(large), fixture.HeldMib(small)), Is.EqualTo((400, 600)));
    }

    [Test]
    public void Older_request_is_served_if_only_one_fits()
    {
        long first = fixture.WithFree(600).Requests(500), second = fixture.Requests(500);

        fixture.Updates();

        Assert.That(
            (fixture.StateOf(first), fixture.StateOf(second)),
            Is.EqualTo((ReservationState.Ready, ReservationState.Gathering)));
        Assert.That(fixture.Last.Wanted, Is.EqualTo(KiB.FromMiB(400)));
    }

    [Test]
    public void Ten_reservations_become_ready_in_order_and_never_share_memory()
    {
        long[] ids = [.. Enumerable.Range(0, 10).Select(_ => fixture.Requests(256))];
        for (int i = 0; i <= 10; i++)
        {
            fixture.WithFree(256 * i).Updates();

            Assert.That(ids.Count(id => fixture.StateOf(id) == ReservationState.Ready), Is.EqualTo(i));
            Assert.That(fixture.Last.Held + fixture.Last.Wanted, Is.EqualTo(KiB.FromMiB(2560)));
        }
    }

    [Test]
    public void Ready_reservation_keeps_its_memory()
    {
        long ready = fixture.WithFree(512).Requests(512);
        fixture.Updates();
        long later = fixture.Requests(100);

        fixture.Updates();

        Assert.That((fixture.HeldMib(ready), fixture.HeldMib(later)), Is.EqualTo((512, 0)));
    }

    [Test]
    public void Memory_beyond_a_minimum_yields_to_a_later_minimum()
    {
        long ready = fixture.WithFree(1024).Requests(512, 1024);
        fixture.Updates();
        long later = fixture.Requests(500);

        fixture.Updates();

        Assert.That((fixture.HeldMib(ready), fixture.HeldMib(later)), Is.EqualTo((524, 500)));
    }

    [Test]
    public void Memory_lost_by_a_ready_reservation_is_wanted_first()
    {
        long ready = fixture.WithFree(512).Requests(512, within: 5);
        fixture.Updates();
        long later = fixture.Requests(100);

        TimeSpan answered = fixture.Now;
        fixture.Passes(60).WithFree(200).Updates();

        Assert.That(
            fixture.StateOf(ready), Is.EqualTo(ReservationState.Gathering), "its deadline no longer applies");
        Assert.That((fixture.HeldMib(ready), fixture.HeldMib(later)), Is.EqualTo((200, 0)));
        Assert.That(fixture.Last.Wanted, Is.EqualTo(KiB.FromMiB(412)));
        Assert.That(fixture.WithFree(512).Updates()[ready].ReadyAt, Is.EqualTo(answered));
    }

    [Test]
    public void Reservation_that_is_not_ready_by_its_deadline_expires()
    {
        long id = fixture.WithFree(500).Requests(512, within: 10);
        fixture.Passes(9).Updates();
        Assert.That(fixture.HeldMib(id), Is.EqualTo(500));

        fixture.Passes(1).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.Expired) }));
        Assert.That((fixture.Last.Held, fixture.Last.Wanted), Is.EqualTo((KiB.Zero, KiB.Zero)));
    }

    [Test]
    public void Memory_that_is_free_at_the_deadline_counts()
    {
        long inTime = fixture.WithFree(512).Requests(512, within: 0), tooLate = fixture.Requests(512, within: 0);

        fixture.Updates();

        Assert.That(fixture.StateOf(inTime), Is.EqualTo(ReservationState.Ready));
        Assert.That(fixture.Ended, Is.EqualTo(new[] { (tooLate, ReservationState.Expired) }));
    }

    [Test]
    public void Whole_pages_are_held()
    {
        long id = fixture.Requests(512, 600);
        fixture.Free = KiB.FromMiB(550) + new KiB(3);

        Assert.That(fixture.Updates()[id].Held, Is.EqualTo(KiB.FromMiB(550)));
    }

    [Test]
    public void Nothing_is_held_if_free_memory_is_negative()
    {
        fixture.WithFree(-300).Requests(512);

        Assert.That((fixture.Updates().Last.Held, fixture.Last.Wanted), Is.EqualTo((KiB.Zero, KiB.FromMiB(512))));
    }

    [Test]
    public void Unchanged_reservation_is_the_same_object()
    {
        fixture.WithFree(900).Requests(512, 600);
        ReservationBook book = fixture.Updates().Book;
        Assert.That(fixture.Passes(1).Updates().Book, Is.SameAs(book));
    }

    [Test]
    public void Quiet_update_changes_and_allocates_nothing()
    {
        fixture.WithFree(900).Requests(512, 600);
        fixture.Requests(1024);
        fixture.Updates().Builds(5, 0).Claims(1, 5);
        ReservationBook book = fixture.Updates().Book;
        var snapshot = fixture.Snapshot();
        book.Update(snapshot, fixture.Free, fixture.Deliverable);

        long before = GC.GetAllocatedBytesForCurrentThread();
        BookUpdate update = book.Update(snapshot, fixture.Free, fixture.Deliverable);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(update.Book, Is.SameAs(book));
        Assert.That(allocated, Is.Zero);
    }
}

/// <summary>
/// Which reservations may go ahead of one that does not fit yet, how far, and reservations out of reach.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BackfillingTests
{
    private readonly BookFixture fixture = new();

    [Test]
    public void Small_reservation_goes_ahead_of_a_large_one_that_does_not_fit_yet()
    {
        long large = fixture.WithFree(600).Requests(8000), small = fixture.Requests(500);

        fixture.Updates();

        Assert.That(
            (fixture.StateOf(large), fixture.StateOf(small)),
            Is.EqualTo((ReservationState.Gathering, ReservationState.Ready)));
        Assert.That(fixture.HeldMib(large), Is.EqualTo(100));
    }

    [Test]
    public void Small_reservations_do_not_starve_a_large_one()
    {
        long large = fixture.WithFree(0).Requests(2000);
        int ahead = 0;
        for (int i = 0; i < 40 && fixture.StateOf(large) == ReservationState.Gathering; i++)
        {
            long small = fixture.Requests(300);
            fixture.Free += KiB.FromMiB(300);
            if (fixture.Updates().StateOf(small) != ReservationState.Ready) continue;
            ahead++;
        }

        Assert.That(fixture.StateOf(large), Is.EqualTo(ReservationState.Ready));
        Assert.That(ahead, Is.EqualTo(6), "no more than 2000 MiB may go ahead, and it fits soon after");
    }

    [Test]
    public void Reservation_out_of_reach_does_not_delay_others()
    {
        fixture.Deliverable = KiB.FromMiB(1000);
        long outOfReach = fixture.WithFree(0).Requests(2000);
        for (int i = 0; i < 20; i++)
        {
            long small = fixture.Requests(300);
            fixture.Free += KiB.FromMiB(300);
            Assert.That(fixture.Updates().StateOf(small), Is.EqualTo(ReservationState.Ready));
        }

        Assert.That(fixture.StateOf(outOfReach), Is.EqualTo(ReservationState.Gathering));
    }

    [Test]
    public void No_memory_is_kept_for_a_reservation_out_of_reach()
    {
        fixture.Deliverable = KiB.FromMiB(1000);
        long outOfReach = fixture.WithFree(600).Requests(2000);

        fixture.Updates();
        Assert.That(
            (fixture.HeldMib(outOfReach), fixture.Last.Held, fixture.Last.Wanted), Is.EqualTo((0, KiB.Zero, KiB.Zero)));

        fixture.WithFree(1000).Updates();
        Assert.That((fixture.HeldMib(outOfReach), fixture.Last.Wanted), Is.EqualTo((1000, KiB.FromMiB(1000))));
    }

    [Test]
    public void Reservation_that_falls_out_of_reach_stops_delaying_others()
    {
        long large = fixture.WithFree(600).Requests(1000);
        fixture.Requests(600);
        fixture.Updates().Requests(600);
        long second = fixture.WithFree(1200).Updates().Book.LastId;
        Assert.That(
            fixture.StateOf(second),
            Is.EqualTo(ReservationState.Gathering),
            "the large one has been overtaken far enough");

        fixture.Deliverable = KiB.FromMiB(300);

        Assert.That(fixture.Updates().StateOf(second), Is.EqualTo(ReservationState.Ready));
        Assert.That(fixture.StateOf(large), Is.EqualTo(ReservationState.Gathering));
    }

    [Test]
    public void Reservations_that_go_ahead_together_are_counted_together()
    {
        long large = fixture.WithFree(600).Requests(1000);
        fixture.Requests(600);
        fixture.Updates();
        long[] small = [fixture.Requests(300), fixture.Requests(300), fixture.Requests(300)];

        fixture.WithFree(1500).Updates();

        Assert.That(small.Count(id => fixture.StateOf(id) == ReservationState.Ready), Is.EqualTo(1));
        Assert.That(fixture[large].Overtaken, Is.EqualTo(KiB.FromMiB(900)));
    }

    [Test]
    public void Overtaking_is_counted_for_a_reservation_just_within_reach()
    {
        fixture.Deliverable = KiB.FromMiB(400);
        long large = fixture.WithFree(600).Requests(1000);
        fixture.Requests(600);
        Assert.That(fixture.Updates()[large].Overtaken, Is.EqualTo(KiB.FromMiB(600)));
    }
}
