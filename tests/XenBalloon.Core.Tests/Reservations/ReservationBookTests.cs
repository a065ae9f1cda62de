using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReservationBookTests
{
    private readonly BookFixture keeper = new();

    [Test]
    public void Numbers_are_never_reused()
    {
        long first = keeper.Asks(100);
        keeper.Does(book => book.Cancel(first));

        Assert.That(keeper.Asks(100), Is.EqualTo(first + 1));
    }

    [Test]
    public void Cancelled_reservation_holds_nothing_and_is_gone()
    {
        long id = keeper.WithFree(500).Asks(100);
        BookChange change = keeper.Settles().Does(book => book.Cancel(id));

        Assert.That(
            change.Changed.Single(),
            Has.Property("State").EqualTo(ReservationState.Cancelled).And.Property("Held").EqualTo(KiB.Zero));
        Assert.That(keeper.Settles().Last.Held, Is.EqualTo(KiB.Zero));
        Assert.That(keeper.Does(book => book.Cancel(id)).Error, Is.EqualTo("there is no reservation 1"));
    }

    [Test]
    public void Reservations_end_with_their_owner_unless_persistent_or_claimed()
    {
        long plain = keeper.WithFree(4000).Asks(100);
        long persistent = keeper.Asks(100, persistent: true);
        long claimed = keeper.Asks(100);
        long another = keeper.Asks(100, owner: ":1.8");
        keeper.Settles().Builds(5, 0).Settles().Claims(claimed, 5);

        BookChange change = keeper.Does(book => book.OwnerLeft(":1.7"));

        Assert.That(
            change.Changed.Select(open => (open.Id, open.State)),
            Is.EqualTo(new[] { (plain, ReservationState.OwnerLeft) }));
        Assert.That(keeper.Book.Open.Select(open => open.Id), Is.EqualTo(new[] { persistent, claimed, another }));
    }

    [Test]
    public void Leaving_without_reservations_changes_nothing()
    {
        keeper.Asks(100);
        ReservationBook before = keeper.Book;

        Assert.That(keeper.Does(book => book.OwnerLeft(":1.99")).Book, Is.SameAs(before));
    }

    [Test]
    public void Claim_of_a_reservation_that_is_not_ready_is_refused_with_its_progress()
    {
        long id = keeper.WithFree(100).Asks(512);

        Assert.That(
            keeper.Settles().Claims(id, 5).Error, Is.EqualTo("reservation 1 is not ready: 100 MiB of 512 MiB held"));
    }

    [Test]
    public void Reservation_is_claimed_once_and_a_domain_claims_once()
    {
        long first = keeper.WithFree(4000).Asks(100), second = keeper.Asks(100);
        keeper.Settles().Builds(5, 0).Claims(first, 5);

        Assert.That(keeper.Claims(first, 6).Error, Does.StartWith("reservation 1 already belongs to domain 5"));
        Assert.That(keeper.Claims(second, 5).Error, Does.EndWith("already has another reservation"));
        Assert.That(keeper.Claims(second, 0).Error, Is.EqualTo("dom0 takes no reservation"));
        Assert.That(keeper.Claims(99, 7).Error, Is.EqualTo("there is no reservation 99"));
        Assert.That(keeper.Book.IsClaimedBy(BookFixture.Identity(5)));
        Assert.That(keeper.Book.IsClaimedBy(BookFixture.Identity(6)), Is.False);
    }

    [Test]
    public void Restored_book_continues_where_it_was()
    {
        keeper.WithFree(250).Asks(100);
        keeper.Asks(100);
        keeper.Asks(100);
        keeper.Settles().Does(book => book.Cancel(3));

        ReservationBook restored = ReservationBook.Restore(keeper.Book.Open.Reverse(), keeper.Book.LastId);

        Assert.That(restored.Open, Is.EqualTo(keeper.Book.Open));
        Assert.That(
            restored.Request(new ReservationRequest(KiB.Page, KiB.Page, "someone"), keeper.Now).Changed.Single().Id,
            Is.EqualTo(4));
    }

    [Test]
    public void Restored_empty_book_keeps_its_last_number() =>
        Assert.That(ReservationBook.Restore([], 7).LastId, Is.EqualTo(7));

    [Test]
    public void Restore_refuses_duplicate_numbers_and_drops_ended_reservations()
    {
        keeper.WithFree(250).Asks(100);
        Reservation open = keeper.Settles()[1];

        Assert.That(() => ReservationBook.Restore([open, open], 1), Throws.ArgumentException);
        ReservationBook restored = ReservationBook.Restore(
            [open with { Id = 7, State = ReservationState.Cancelled }], 1);
        Assert.That(restored.Open, Is.Empty);
        Assert.That(restored.LastId, Is.EqualTo(7));
    }
}

public sealed class ReservationRequestTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(100);

    [TestCase(0, 4, "the minimum must be more than nothing, not 0 KiB")]
    [TestCase(-4, 4, "the minimum must be more than nothing, not -4 KiB")]
    [TestCase(8, 4, "the maximum (4 KiB) is less than the minimum (8 KiB)")]
    [TestCase(6, 8, "the minimum must be whole pages of 4 KiB, not 6 KiB")]
    [TestCase(8, 9, "the maximum must be whole pages of 4 KiB, not 9 KiB")]
    [TestCase(4, long.MaxValue, "the maximum (9223372036854775807 KiB) is more memory than any machine has")]
    public void Invalid_size_is_refused_with_its_name(long minimum, long maximum, string fault)
    {
        var request = new ReservationRequest(new KiB(minimum), new KiB(maximum), "someone");

        BookChange change = ReservationBook.Empty.Request(request, Now);

        Assert.That(change.Error, Is.EqualTo(fault));
        Assert.That(change.Book, Is.SameAs(ReservationBook.Empty));
    }

    [Test]
    public void Owner_is_required() => Assert.That(
        new ReservationRequest(KiB.Page, KiB.Page, " ").Fault(), Is.EqualTo("a reservation needs an owner"));

    [TestCase(-1, "the time for it must not be negative")]
    [TestCase(0, null)]
    [TestCase(315_360_000, null)]
    [TestCase(
        315_360_001,
        "invalid timeout: expected at most 315360000 s, ten years; leave it out to wait as long as it takes")]
    public void Timeout_is_zero_to_ten_years(long seconds, string? fault) => Assert.That(
        new ReservationRequest(KiB.Page, KiB.Page, "someone", Within: TimeSpan.FromSeconds(seconds)).Fault(),
        Is.EqualTo(fault));

    [Test]
    public void Deadline_is_the_time_of_the_request_plus_the_timeout()
    {
        var request = new ReservationRequest(KiB.Page, KiB.Page, "someone", Within: TimeSpan.FromSeconds(60));

        TimeSpan? deadline = ReservationBook.Empty.Request(request, Now).Changed.Single().Deadline;
        Assert.That(deadline, Is.EqualTo(TimeSpan.FromSeconds(160)));
    }
}
