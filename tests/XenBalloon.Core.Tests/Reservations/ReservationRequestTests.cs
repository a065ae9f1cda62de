using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

public sealed class ReservationRequestTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(100);

    [TestCase(0, 4, "the minimum must be more than nothing, not 0 KiB")]
    [TestCase(-4, 4, "the minimum must be more than nothing, not -4 KiB")]
    [TestCase(8, 4, "the maximum (4 KiB) is less than the minimum (8 KiB)")]
    [TestCase(6, 8, "the minimum must be whole pages of 4 KiB, not 6 KiB")]
    [TestCase(8, 9, "the maximum must be whole pages of 4 KiB, not 9 KiB")]
    [TestCase(4, long.MaxValue, "the maximum (9223372036854775807 KiB) is more memory than any machine has")]
    public void A_size_that_cannot_be_is_refused_by_name(long minimum, long maximum, string fault)
    {
        var request = new ReservationRequest(new KiB(minimum), new KiB(maximum), "someone");

        BookChange change = ReservationBook.Empty.Request(request, Now);

        Assert.That(change.Error, Is.EqualTo(fault));
        Assert.That(change.Book, Is.SameAs(ReservationBook.Empty));
    }

    [Test]
    public void An_owner_is_needed() => Assert.That(
        new ReservationRequest(KiB.Page, KiB.Page, " ").Fault(), Is.EqualTo("a reservation needs an owner"));

    [TestCase(-1, "the time for it must not be negative")]
    [TestCase(0, null)]
    [TestCase(315_360_000, null)]
    [TestCase(
        315_360_001,
        "invalid timeout: expected at most 315360000 s, ten years; leave it out to wait as long as it takes")]
    public void A_timeout_is_from_nothing_to_ten_years(long seconds, string? fault) => Assert.That(
        new ReservationRequest(KiB.Page, KiB.Page, "someone", Within: TimeSpan.FromSeconds(seconds)).Fault(),
        Is.EqualTo(fault));

    [Test]
    public void The_deadline_is_the_time_of_the_request_and_the_timeout()
    {
        var request = new ReservationRequest(KiB.Page, KiB.Page, "someone", Within: TimeSpan.FromSeconds(60));

        TimeSpan? deadline = ReservationBook.Empty.Request(request, Now).Changed.Single().Deadline;
        Assert.That(deadline, Is.EqualTo(TimeSpan.FromSeconds(160)));
    }
}
