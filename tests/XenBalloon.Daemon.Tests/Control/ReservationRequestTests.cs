using XenBalloon.Bus;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>Reservations: reserve, transfer, cancel, and owners that leave.</summary>
public sealed class ReservationRequestTests : RequestHandlerTests
{
    [Test]
    public void Reservation_for_another_domain_is_not_transferred()
    {
        long other = Handler.Reserve(Request() with { For = "db" });
        long own = Handler.Reserve(Request() with { For = "web" });
        long byUuid = Handler.Reserve(Request() with { For = Web.Uuid.ToString() });
        Balancer.MakePlan();

        Refused(ControlError.InvalidArgument, () => Handler.Transfer(other, 3), "is for db, not for web (3)");
        Handler.Transfer(own, 3);
        Balancer.MakePlan();
        Handler.Transfer(byUuid, 3);

        Assert.That(Balancer.Reservations.Open.Single(each => each.Id == other).Claim, Is.Null);
    }

    [Test]
    public void Reservation_numbers_are_never_reused_also_after_a_restart()
    {
        Assert.That(Handler.Reserve(Request()), Is.EqualTo(1));
        Assert.That(Handler.Reserve(Request()), Is.EqualTo(2));
        Handler.Cancel(2);
        Store.SaveIfChanged(Balancer.State); // as the loop does after each step

        Start();
        Balancer.MakePlan();

        Assert.That(Balancer.Reservations.Open.Select(reservation => reservation.Id), Is.EqualTo(new[] { 1 }));
        Assert.That(Handler.Reserve(Request()), Is.EqualTo(3));
    }

    [Test]
    public void Persistent_reservation_that_cannot_be_saved_is_refused_and_uses_no_number()
    {
        File.CreateSymbolicLink(Folder.File + ".new", "/dev/full");

        ControlException refused =
            Assert.Throws<ControlException>(() => Handler.Reserve(Request() with { Persistent = true }))!;

        Assert.That(
            refused.Message,
            Does.Contain(Folder.File).And.Contain("No space left").And.Contain("or reserve it without --persistent"));
        Assert.That(Balancer.Reservations.Open, Is.Empty);
        Assert.That(Handler.Reserve(Request()), Is.EqualTo(1));
    }

    [Test]
    public void Persistent_reservation_is_saved_when_it_is_granted()
    {
        long id = Handler.Reserve(Request() with { Persistent = true });
        Assert.That(Folder.Open().Read().Book.Open.Select(reservation => reservation.Id), Is.EqualTo(new[] { id }));
    }

    [Test]
    public void Impossible_and_invalid_reservations_are_refused_at_once()
    {
        void RefusedRequest(ControlError error, ReservationRequest request, string remedy) =>
            Refused(error, () => Handler.Reserve(request), remedy);

        RefusedRequest(
            ControlError.NotEnoughMemory,
            Request() with { Minimum = KiB.FromMiB(2047), Maximum = KiB.FromMiB(2047) },
            "cannot reserve 2047 MiB: this host has 2048 MiB, less 64 MiB slack; request less");
        const ControlError Invalid = ControlError.InvalidArgument;
        RefusedRequest(Invalid, Request() with { Maximum = KiB.FromMiB(1) }, "expected at least the minimum");
        RefusedRequest(Invalid, Request() with { Minimum = KiB.Zero }, "expected more than 0");
        RefusedRequest(Invalid, Request() with { Maximum = new KiB(1L << 62) }, "any machine has");
        Assert.That(Balancer.Reservations.LastId, Is.Zero, "no number is lost either");
    }

    [Test]
    public void Reservation_has_whole_pages_and_its_time_starts_now()
    {
        var within = TimeSpan.FromSeconds(30);
        Handler.Reserve(Request() with { Minimum = new KiB(5), Maximum = new KiB(9), Within = within });

        Reservation reservation = Balancer.Reservations.Open.Single();
        Assert.That((reservation.Minimum, reservation.Maximum), Is.EqualTo((new KiB(8), new KiB(12))));
        Assert.That(reservation.Deadline - reservation.RequestedAt, Is.EqualTo(within));
    }

    [Test]
    public void Only_a_ready_reservation_is_transferred_and_only_once()
    {
        long id = Handler.Reserve(Request() with { Minimum = KiB.FromMiB(1900), Maximum = KiB.FromMiB(1900) });
        Refused(ControlError.NotReady, () => Handler.Transfer(id, 3), "is not ready");
        long ready = Handler.Reserve(Request());
        Refused(ControlError.NoSuchDomain, () => Handler.Transfer(ready, 9), "'xenballoon list'");
        Refused(ControlError.InvalidArgument, () => Handler.Transfer(ready, 0), "dom0");

        Handler.Transfer(ready, 3);
        Reservation transferred = Balancer.Reservations.Open.Single(reservation => reservation.Id == ready);
        Assert.That(transferred.Claim?.Domain, Is.EqualTo(Web));
        Balancer.MakePlan();
        Refused(ControlError.NoSuchReservation, () => Handler.Transfer(ready, 3), "'xenballoon reservations'");
    }

    [Test]
    public void Client_that_leaves_ends_its_own_reservations_except_persistent_ones()
    {
        Handler.Reserve(Request());
        Handler.Reserve(Request() with { Persistent = true });
        Handler.Reserve(Request() with { Owner = ":1.7" });

        Handler.OwnerLeft(":1.5");

        Assert.That(Balancer.Reservations.Open.Select(reservation => reservation.Id), Is.EqualTo(new[] { 2, 3 }));
        Reservation ended = Balancer.MakePlan().Plan.Ended.Single();
        Assert.That((ended.Id, ended.State), Is.EqualTo((1L, ReservationState.OwnerLeft)));
    }

    [Test]
    public void Missing_reservation_is_refused_with_the_command_that_lists_them() =>
        Refused(ControlError.NoSuchReservation, () => Handler.Cancel(7), "'xenballoon reservations'");

    private static ReservationRequest Request() => new(KiB.FromMiB(100), KiB.FromMiB(100), ":1.5");
}
