using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReservationBookTests
{
    private readonly BookFixture fixture = new();

    [Test]
    public void Numbers_are_never_reused()
    {
        long first = fixture.Requests(100);
        fixture.Applies(book => book.Cancel(first));

        Assert.That(fixture.Requests(100), Is.EqualTo(first + 1));
    }

    [Test]
    public void Cancelled_reservation_holds_nothing_and_is_gone()
    {
        long id = fixture.WithFree(500).Requests(100);
        BookChange change = fixture.Updates().Applies(book => book.Cancel(id));

        Assert.That(
            change.Changed.Single(),
            Has.Property("State").EqualTo(ReservationState.Cancelled).And.Property("Held").EqualTo(KiB.Zero));
        Assert.That(fixture.Updates().Last.Held, Is.EqualTo(KiB.Zero));
        Assert.That(fixture.Applies(book => book.Cancel(id)).Error, Is.EqualTo("there is no reservation 1"));
    }

    [Test]
    public void Ready_reservation_that_no_domain_claims_ends_at_its_expiry()
    {
        long id = fixture.WithFree(500).Requests(100, persistent: true, expires: 60);
        Assert.That(fixture.Updates().Passes(59).Updates().StateOf(id), Is.EqualTo(ReservationState.Ready));

        fixture.Passes(1).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.Expired) }));
        Assert.That(fixture.Last.Held, Is.EqualTo(KiB.Zero));
        Assert.That(fixture.Last.Ended[0].Explain(), Is.EqualTo("no domain claimed 100 MiB in time"));
    }

    [Test]
    public void Reservation_that_never_becomes_ready_ends_at_its_expiry_too()
    {
        long id = fixture.WithFree(50).Requests(100, persistent: true, expires: 60);

        fixture.Updates().Passes(60).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.Expired) }));
        Assert.That(fixture.Last.Ended[0].Explain(), Is.EqualTo("100 MiB did not become free in time"));
    }

    [Test]
    public void Claimed_reservation_does_not_expire()
    {
        long id = fixture.WithFree(500).Requests(100, persistent: true, expires: 60);
        fixture.Updates().Builds(5, 0).Updates().Claims(id, 5);

        Assert.That(fixture.Passes(61).Updates().StateOf(id), Is.EqualTo(ReservationState.Claimed));
    }

    [TestCase(0, "invalid expiry: expected more than 0")]
    [TestCase(4000, "invalid expiry: expected at most 315360000 s, ten years; omit it for no limit")]
    public void Impossible_expiry_is_refused(int days, string error)
    {
        var request = new ReservationRequest(KiB.Page, KiB.Page, "o", ExpiresAfter: TimeSpan.FromDays(days));

        Assert.That(request.Fault(), Is.EqualTo(error));
    }

    [Test]
    public void Reservations_end_with_their_owner_unless_persistent_or_claimed()
    {
        long plain = fixture.WithFree(4000).Requests(100);
        long persistent = fixture.Requests(100, persistent: true);
        long claimed = fixture.Requests(100);
        long another = fixture.Requests(100, owner: ":1.8");
        fixture.Updates().Builds(5, 0).Updates().Claims(claimed, 5);

        BookChange change = fixture.Applies(book => book.OwnerLeft(":1.7"));

        Assert.That(
            change.Changed.Select(open => (open.Id, open.State)),
            Is.EqualTo(new[] { (plain, ReservationState.OwnerLeft) }));
        Assert.That(fixture.Book.Open.Select(open => open.Id), Is.EqualTo(new[] { persistent, claimed, another }));
    }

    [Test]
    public void Leaving_without_reservations_changes_nothing()
    {
        fixture.Requests(100);
        ReservationBook before = fixture.Book;

        Assert.That(fixture.Applies(book => book.OwnerLeft(":1.99")).Book, Is.SameAs(before));
    }

    [Test]
    public void Claim_of_a_reservation_that_is_not_ready_is_refused_with_its_progress()
    {
        long id = fixture.WithFree(100).Requests(512);

        Assert.That(
            fixture.Updates().Claims(id, 5).Error, Is.EqualTo("reservation 1 is not ready: 100 MiB of 512 MiB held"));
    }

    [Test]
    public void Reservation_is_claimed_once_and_a_domain_claims_once()
    {
        long first = fixture.WithFree(4000).Requests(100), second = fixture.Requests(100);
        fixture.Updates().Builds(5, 0).Claims(first, 5);

        Assert.That(fixture.Claims(first, 6).Error, Does.StartWith("reservation 1 already belongs to domain 5"));
        Assert.That(fixture.Claims(second, 5).Error, Does.EndWith("already has another reservation"));
        Assert.That(
            fixture.Claims(second, 0).Error, Is.EqualTo("dom0 cannot claim a reservation: give another domain"));
        Assert.That(fixture.Claims(99, 7).Error, Is.EqualTo("there is no reservation 99"));
        Assert.That(fixture.Book.IsClaimedBy(BookFixture.Identity(5)));
        Assert.That(fixture.Book.IsClaimedBy(BookFixture.Identity(6)), Is.False);
    }

    [Test]
    public void Restored_book_continues_where_it_was()
    {
        fixture.WithFree(250).Requests(100);
        fixture.Requests(100);
        fixture.Requests(100);
        fixture.Updates().Applies(book => book.Cancel(3));

        ReservationBook restored = ReservationBook.Restore(fixture.Book.Open.Reverse(), fixture.Book.LastId);

        Assert.That(restored.Open, Is.EqualTo(fixture.Book.Open));
        Assert.That(
            restored.Request(new ReservationRequest(KiB.Page, KiB.Page, "someone"), fixture.Now).Changed.Single().Id,
            Is.EqualTo(4));
    }

    [Test]
    public void Restored_empty_book_keeps_its_last_number() =>
        Assert.That(ReservationBook.Restore([], 7).LastId, Is.EqualTo(7));

    [Test]
    public void Restore_refuses_duplicate_numbers_and_drops_ended_reservations()
    {
        fixture.WithFree(250).Requests(100);
        Reservation open = fixture.Updates()[1];

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

    [TestCase(0, 4, "invalid minimum 0 KiB: expected more than 0")]
    [TestCase(-4, 4, "invalid minimum -4 KiB: expected more than 0")]
    [TestCase(8, 4, "invalid maximum 4 KiB: expected at least the minimum, 8 KiB")]
    [TestCase(6, 8, "invalid minimum 6 KiB: expected whole pages of 4 KiB")]
    [TestCase(8, 9, "invalid maximum 9 KiB: expected whole pages of 4 KiB")]
    [TestCase(4, long.MaxValue, "invalid maximum 9223372036854775807 KiB: more memory than any machine has")]
    public void Invalid_size_is_refused_with_its_name(long minimum, long maximum, string fault)
    {
        var request = new ReservationRequest(new KiB(minimum), new KiB(maximum), "someone");

        BookChange change = ReservationBook.Empty.Request(request, Now);

        Assert.That(change.Error, Is.EqualTo(fault));
        Assert.That(change.Book, Is.SameAs(ReservationBook.Empty));
    }

    [Test]
    public void Owner_is_required() => Assert.That(
        new ReservationRequest(KiB.Page, KiB.Page, " ").Fault(),
        Is.EqualTo("missing owner: a reservation requires one"));

    [TestCase(-1, "invalid timeout: expected 0 or more")]
    [TestCase(0, null)]
    [TestCase(315_360_000, null)]
    [TestCase(
        315_360_001,
        "invalid timeout: expected at most 315360000 s, ten years; omit it to wait without limit")]
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
