using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>The domain appears, takes its pages, is built; or is not.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ConstructionTests
{
    private const int Newcomer = 5;

    private readonly BookKeeper keeper = new();

    [Test]
    public void A_claimed_reservation_shrinks_as_its_domain_takes_pages_and_is_complete_when_it_has_them_all()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);
        foreach (long taken in new[] { 100, 300, 511 })
        {
            keeper.Passes(1).Builds(Newcomer, taken).Settles();
            Assert.That(keeper.HeldMib(id), Is.EqualTo(512 - taken));
            Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.Zero));
        }

        keeper.Passes(1).Builds(Newcomer, 512).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.Completed) }));
        Assert.That(keeper.Last.Held, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void What_its_toolstack_claims_comes_out_of_the_reservation_before_it_is_populated()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);

        keeper.Passes(1).Earmarks(Newcomer, 500).Settles();

        Assert.That((keeper.HeldMib(id), keeper.Last.Wanted), Is.EqualTo((12, KiB.Zero)));
    }

    [Test]
    public void What_the_domain_held_before_does_not_come_out_of_the_reservation()
    {
        long id = Ready(512, free: 2000);
        keeper.Builds(Newcomer, 200).Settles().Claims(id, Newcomer);

        Assert.That(keeper.Settles().HeldMib(id), Is.EqualTo(512));
        Assert.That(keeper.Builds(Newcomer, 300).Settles().HeldMib(id), Is.EqualTo(412));
    }

    [Test]
    public void What_a_domain_took_before_the_first_look_at_it_came_out_of_the_reservation()
    {
        long id = Ready(512, free: 2000);
        keeper.Claims(id, Newcomer);

        Assert.That(keeper.Builds(Newcomer, 200).Settles().HeldMib(id), Is.EqualTo(312));
    }

    [Test]
    public void Pages_that_the_domain_gives_back_are_not_reserved_again()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);
        keeper.Builds(Newcomer, 300).Settles();

        Assert.That(keeper.Builds(Newcomer, 100).Settles().HeldMib(id), Is.EqualTo(212));
    }

    [Test]
    public void The_rest_is_released_when_the_toolstack_has_built_the_domain()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);
        keeper.Builds(Newcomer, 500).Becomes(Newcomer, one => one with { Lifecycle = DomainLifecycle.Paused, Target = one.Actual }).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.Completed) }));
    }

    [Test]
    public void A_domain_that_is_still_arriving_from_another_host_keeps_its_reservation()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);
        keeper.Builds(Newcomer, 100).Becomes(Newcomer, one => one with { Lifecycle = DomainLifecycle.Migrating, Target = KiB.FromMiB(512) });

        Assert.That(keeper.Settles().HeldMib(id), Is.EqualTo(412));
    }

    [Test]
    public void The_rest_is_released_when_the_domain_dies_half_way()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);
        keeper.Builds(Newcomer, 250).Settles();

        keeper.Dies(Newcomer).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.DomainDied) }));
        Assert.That(keeper.Last.Held, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void A_domain_that_is_being_destroyed_takes_no_more()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);

        keeper.Becomes(Newcomer, one => one with { Lifecycle = DomainLifecycle.Dying }).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.DomainDied) }));
    }

    [Test]
    public void Another_domain_that_gets_the_same_domid_does_not_inherit_the_reservation()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);

        keeper.Builds(Newcomer, 0, uuid: 77).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.DomainDied) }));
    }

    [Test]
    public void A_construction_that_has_come_to_a_halt_holds_its_memory_for_two_minutes_and_no_longer()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 0).Claims(id, Newcomer);
        keeper.Passes(100).Builds(Newcomer, 250).Settles();
        Assert.That(keeper.Passes(119).Settles().HeldMib(id), Is.EqualTo(262));

        keeper.Passes(1).Settles();

        Assert.That(keeper.Ended, Is.EqualTo(new[] { (id, ReservationState.Abandoned) }));
    }

    [Test]
    public void A_domain_under_construction_comes_before_ready_reservations_when_memory_vanishes()
    {
        long waiting = keeper.WithFree(1024).Asks(512), building = keeper.Asks(512);
        keeper.Settles().Builds(Newcomer, 0).Claims(building, Newcomer);

        keeper.WithFree(600).Settles();

        Assert.That((keeper.HeldMib(building), keeper.HeldMib(waiting)), Is.EqualTo((512, 88)));
    }

    [Test]
    public void What_a_domain_takes_that_no_one_has_announced_yet_is_not_freed_a_second_time()
    {
        long id = Ready(512);
        keeper.Builds(Newcomer, 300).Settles();
        Assert.That((keeper.HeldMib(id), keeper.Last.Wanted), Is.EqualTo((212, KiB.Zero)));

        keeper.Claims(id, Newcomer);
        keeper.Builds(Newcomer, 400).Settles();
        Assert.That((keeper.HeldMib(id), keeper.Last.Wanted), Is.EqualTo((112, KiB.Zero)));
    }

    [Test]
    public void What_was_lost_to_something_else_than_a_newcomer_is_freed_again()
    {
        Ready(512);
        keeper.Builds(Newcomer, 300);
        keeper.Free -= KiB.FromMiB(100);

        Assert.That(keeper.Settles().Last.Wanted, Is.EqualTo(KiB.FromMiB(100)));
    }

    [Test]
    public void Neither_a_domain_with_a_reservation_of_its_own_nor_one_that_runs_explains_a_loss()
    {
        long waiting = keeper.WithFree(1024).Asks(512), building = keeper.Asks(512);
        keeper.Settles().Builds(Newcomer, 0).Claims(building, Newcomer);
        keeper.Builds(Newcomer, 300).Builds(6, 100).Becomes(6, one => one with { Lifecycle = DomainLifecycle.Running, Target = one.Actual });

        Assert.That(keeper.Settles().HeldMib(waiting), Is.EqualTo(412));
        Assert.That(keeper.Last.Wanted, Is.EqualTo(KiB.FromMiB(100)));
    }

    private long Ready(long mib, long? free = null)
    {
        long id = keeper.WithFree(free ?? mib).Asks(mib);
        Assert.That(keeper.Settles().StateOf(id), Is.EqualTo(ReservationState.Ready));
        return id;
    }
}
