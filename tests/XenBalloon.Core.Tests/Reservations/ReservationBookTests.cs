using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReservationBookTests
{
    private readonly BookKeeper keeper = new();

    [Test]
    public void Numbers_are_never_used_again()
    {
        long first = keeper.Asks(100);
        keeper.Does(book => book.Cancel(first));

        Assert.That(keeper.Asks(100), Is.EqualTo(first + 1));
    }

    [Test]
    public void A_cancelled_reservation_holds_nothing_and_is_gone()
    {
        long id = keeper.WithFree(500).Asks(100);
        BookChange change = keeper.Settles().Does(book => book.Cancel(id));

        Assert.That(change.Changed.Single(), Has.Property("State").EqualTo(ReservationState.Cancelled).And.Property("Held").EqualTo(KiB.Zero));
        Assert.That(keeper.Settles().Last.Held, Is.EqualTo(KiB.Zero));
        Assert.That(keeper.Does(book => book.Cancel(id)).Error, Is.EqualTo("there is no reservation 1"));
    }

    [Test]
    public void An_owner_that_leaves_takes_its_reservations_along_but_not_the_persistent_the_claimed_and_those_of_others()
    {
        long plain = keeper.WithFree(4000).Asks(100), persistent = keeper.Asks(100, persistent: true), claimed = keeper.Asks(100);
        long another = keeper.Asks(100, owner: ":1.8");
        keeper.Settles().Builds(5, 0).Settles().Claims(claimed, 5);

        BookChange change = keeper.Does(book => book.OwnerLeft(":1.7"));

        Assert.That(change.Changed.Select(one => (one.Id, one.State)), Is.EqualTo(new[] { (plain, ReservationState.OwnerLeft) }));
        Assert.That(keeper.Book.Open.Select(one => one.Id), Is.EqualTo(new[] { persistent, claimed, another }));
    }

    [Test]
    public void A_stranger_that_leaves_changes_nothing()
    {
        keeper.Asks(100);
        ReservationBook before = keeper.Book;

        Assert.That(keeper.Does(book => book.OwnerLeft(":1.99")).Book, Is.SameAs(before));
    }

    [Test]
    public void A_reservation_that_is_not_ready_cannot_be_claimed_and_it_says_how_far_it_is()
    {
        long id = keeper.WithFree(100).Asks(512);

        Assert.That(keeper.Settles().Claims(id, 5).Error, Is.EqualTo("reservation 1 is not ready: 100 MiB of 512 MiB held"));
    }

    [Test]
    public void A_reservation_is_claimed_once_and_a_domain_claims_once()
    {
        long first = keeper.WithFree(4000).Asks(100), second = keeper.Asks(100);
        keeper.Settles().Builds(5, 0).Claims(first, 5);

        Assert.That(keeper.Claims(first, 6).Error, Does.StartWith("reservation 1 already belongs to domain 5"));
        Assert.That(keeper.Claims(second, 5).Error, Does.EndWith("already has another reservation"));
        Assert.That(keeper.Claims(second, 0).Error, Is.EqualTo("dom0 takes no reservation"));
        Assert.That(keeper.Claims(99, 7).Error, Is.EqualTo("there is no reservation 99"));
        Assert.That(keeper.Book.IsClaimedBy(BookKeeper.Identity(5)));
        Assert.That(keeper.Book.IsClaimedBy(BookKeeper.Identity(6)), Is.False);
    }

    [Test]
    public void A_book_that_was_saved_goes_on_where_it_was()
    {
        keeper.WithFree(250).Asks(100);
        keeper.Asks(100);
        keeper.Asks(100);
        keeper.Settles().Does(book => book.Cancel(3));

        ReservationBook restored = ReservationBook.Restore(keeper.Book.Open.Reverse(), keeper.Book.LastId);

        Assert.That(restored.Open, Is.EqualTo(keeper.Book.Open));
        Assert.That(restored.Request(new ReservationRequest(KiB.Page, KiB.Page, "someone"), keeper.Now).Changed.Single().Id, Is.EqualTo(4));
    }

    [Test]
    public void A_book_that_was_saved_with_nothing_open_still_knows_its_last_number() =>
        Assert.That(ReservationBook.Restore([], 7).LastId, Is.EqualTo(7));

    [Test]
    public void A_book_is_not_restored_with_two_of_a_number_or_with_what_has_ended()
    {
        keeper.WithFree(250).Asks(100);
        Reservation one = keeper.Settles()[1];

        Assert.That(() => ReservationBook.Restore([one, one], 1), Throws.ArgumentException);
        ReservationBook restored = ReservationBook.Restore([one with { Id = 7, State = ReservationState.Cancelled }], 1);
        Assert.That(restored.Open, Is.Empty);
        Assert.That(restored.LastId, Is.EqualTo(7));
    }
}
