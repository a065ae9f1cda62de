using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>A domain appears, takes its pages, and is built or fails.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ConstructionTests
{
    private const int Newcomer = 5;

    private readonly BookFixture fixture = new();

    [Test]
    public void Claimed_reservation_shrinks_with_its_domain_and_completes()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);
        foreach (long taken in new[] { 100, 300, 511 })
        {
            fixture.Passes(1).Builds(Newcomer, taken).Updates();
            Assert.That(fixture.HeldMib(id), Is.EqualTo(512 - taken));
            Assert.That(fixture.Last.Wanted, Is.EqualTo(KiB.Zero));
        }

        fixture.Passes(1).Builds(Newcomer, 512).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.Completed) }));
        Assert.That(fixture.Last.Held, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void Outstanding_claim_of_the_toolstack_comes_out_of_the_reservation()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);

        fixture.Passes(1).Earmarks(Newcomer, 500).Updates();

        Assert.That((fixture.HeldMib(id), fixture.Last.Wanted), Is.EqualTo((12, KiB.Zero)));
    }

    [Test]
    public void Memory_held_before_the_claim_does_not_come_out_of_the_reservation()
    {
        long id = Ready(512, free: 2000);
        fixture.Builds(Newcomer, 200).Updates().Claims(id, Newcomer);

        Assert.That(fixture.Updates().HeldMib(id), Is.EqualTo(512));
        Assert.That(fixture.Builds(Newcomer, 300).Updates().HeldMib(id), Is.EqualTo(412));
    }

    [Test]
    public void Memory_taken_before_the_first_snapshot_comes_out_of_the_reservation()
    {
        long id = Ready(512, free: 2000);
        fixture.Claims(id, Newcomer);

        Assert.That(fixture.Builds(Newcomer, 200).Updates().HeldMib(id), Is.EqualTo(312));
    }

    [Test]
    public void Returned_pages_are_not_reserved_again()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);
        fixture.Builds(Newcomer, 300).Updates();

        Assert.That(fixture.Builds(Newcomer, 100).Updates().HeldMib(id), Is.EqualTo(212));
    }

    [Test]
    public void Rest_is_released_when_the_domain_is_built()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);
        fixture.Builds(Newcomer, 500)
            .Becomes(Newcomer, domain => domain with { Lifecycle = DomainLifecycle.Paused, Target = domain.Actual })
                .Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.Completed) }));
    }

    [Test]
    public void Incoming_domain_keeps_its_reservation()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);
        fixture.Builds(Newcomer, 100).Becomes(
            Newcomer, reservation =>
                reservation with { Lifecycle = DomainLifecycle.Migrating, Target = KiB.FromMiB(512) });

        Assert.That(fixture.Updates().HeldMib(id), Is.EqualTo(412));
    }

    [Test]
    public void Rest_is_released_when_the_domain_dies()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);
        fixture.Builds(Newcomer, 250).Updates();

        fixture.Dies(Newcomer).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.DomainDied) }));
        Assert.That(fixture.Last.Held, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void Dying_domain_ends_its_reservation()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);

        fixture.Becomes(Newcomer, domain => domain with { Lifecycle = DomainLifecycle.Dying }).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.DomainDied) }));
    }

    [Test]
    public void Reused_domid_does_not_inherit_the_reservation()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);

        fixture.Builds(Newcomer, 0, uuid: 77).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.DomainDied) }));
    }

    [Test]
    public void Stalled_construction_holds_its_memory_for_two_minutes()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 0).Claims(id, Newcomer);
        fixture.Passes(100).Builds(Newcomer, 250).Updates();
        Assert.That(fixture.Passes(119).Updates().HeldMib(id), Is.EqualTo(262));

        fixture.Passes(1).Updates();

        Assert.That(fixture.Ended, Is.EqualTo(new[] { (id, ReservationState.Abandoned) }));
    }

    [Test]
    public void Domain_under_construction_goes_before_ready_reservations_when_memory_vanishes()
    {
        long waiting = fixture.WithFree(1024).Requests(512), building = fixture.Requests(512);
        fixture.Updates().Builds(Newcomer, 0).Claims(building, Newcomer);

        fixture.WithFree(600).Updates();

        Assert.That((fixture.HeldMib(building), fixture.HeldMib(waiting)), Is.EqualTo((512, 88)));
    }

    [Test]
    public void Memory_of_an_unclaimed_construction_is_not_freed_twice()
    {
        long id = Ready(512);
        fixture.Builds(Newcomer, 300).Updates();
        Assert.That((fixture.HeldMib(id), fixture.Last.Wanted), Is.EqualTo((212, KiB.Zero)));

        fixture.Claims(id, Newcomer);
        fixture.Builds(Newcomer, 400).Updates();
        Assert.That((fixture.HeldMib(id), fixture.Last.Wanted), Is.EqualTo((112, KiB.Zero)));
    }

    [Test]
    public void Memory_lost_to_anything_else_is_freed_again()
    {
        Ready(512);
        fixture.Builds(Newcomer, 300);
        fixture.Free -= KiB.FromMiB(100);

        Assert.That(fixture.Updates().Last.Wanted, Is.EqualTo(KiB.FromMiB(100)));
    }

    [Test]
    public void Running_or_claimed_domains_do_not_explain_a_loss()
    {
        long waiting = fixture.WithFree(1024).Requests(512), building = fixture.Requests(512);
        fixture.Updates().Builds(Newcomer, 0).Claims(building, Newcomer);
        fixture.Builds(Newcomer, 300).Builds(6, 100).Becomes(
            6, domain => domain with { Lifecycle = DomainLifecycle.Running, Target = domain.Actual });

        Assert.That(fixture.Updates().HeldMib(waiting), Is.EqualTo(412));
        Assert.That(fixture.Last.Wanted, Is.EqualTo(KiB.FromMiB(100)));
    }

    private long Ready(long mib, long? free = null)
    {
        long id = fixture.WithFree(free ?? mib).Requests(mib);
        Assert.That(fixture.Updates().StateOf(id), Is.EqualTo(ReservationState.Ready));
        return id;
    }
}
