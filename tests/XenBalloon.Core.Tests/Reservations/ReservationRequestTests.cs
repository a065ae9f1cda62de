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
        BookChange change = ReservationBook.Empty.Request(new ReservationRequest(new KiB(minimum), new KiB(maximum), "someone"), Now);

        Assert.That(change.Error, Is.EqualTo(fault));
        Assert.That(change.Book, Is.SameAs(ReservationBook.Empty));
    }

    [Test]
    public void An_owner_is_needed() =>
        Assert.That(new ReservationRequest(KiB.Page, KiB.Page, " ").Fault(Now), Is.EqualTo("a reservation needs an owner"));

    [Test]
    public void A_deadline_that_has_passed_is_refused_and_one_that_is_now_is_not()
    {
        var request = new ReservationRequest(KiB.Page, KiB.Page, "someone", Deadline: Now);

        Assert.That(request.Fault(Now), Is.Null);
        Assert.That(request.Fault(Now + TimeSpan.FromTicks(1)), Is.EqualTo("the deadline has passed already"));
    }
}
