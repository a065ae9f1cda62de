using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>Reservations in balancing passes.</summary>
public sealed class BalancerReservationTests
{
    [Test]
    public void Idle_memory_is_freed_for_a_reservation_and_not_granted_to_domains()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).With(2, 512, 2048).WithFree(40);
        host.Reserve(1024);
        host.Run(20, (1, 200), (2, 500));
        Assert.That(host.Reservations.Open.Single().State, Is.EqualTo(ReservationState.Ready));
        Assert.That(host.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024 + 32)));
    }

    [Test]
    public void Reservation_does_not_wait_for_a_slow_donor()
    {
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).With(2, 4096, 4096).WithFree(32);
        host.Reserve(2048);
        int seconds = 0;
        for (; seconds < 60 && host.Reservations.Open.Single().State != ReservationState.Ready; seconds++)
        {
            KiB before = host[1].Actual;
            host.Passes(1).Reports(1, 100).Reports(2, 100).Act();
            host[1] = host[1] with { Actual = KiB.Max(host[1].Target!.Value, before - new KiB(40)) };
        }

        Assert.That(seconds, Is.LessThan(10));
    }

    [Test]
    public void Domain_that_does_not_give_is_named()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).With(2, 600, 2048).With(3, 600, 2048).WithFree(40);
        host.Reserve(1024);
        for (int i = 0; i < 40; i++)
        {
            host.Passes(1).Reports(1, 200).Reports(2, 590).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(2048) };
        }

        string said = host.Reservations.Open.Single().Explain();
        Assert.That(
            said,
            Does.Contain("g1 has a balloon that does not respond")
                .And.Contain("g2 uses what it has").And.Contain("g3 does not report"));
    }

    [Test]
    public void Reservation_out_of_reach_takes_nothing_and_explains_why()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).With(2, 1024, 1024).WithFree(400);
        host.Settings = host.Settings with { Pace = 0 };
        host.Reserve(4096);
        host.Run(60, (1, 500), (2, 500));
        Plan plan = host.Decide();
        Assert.That((host[1].Target, host[2].Target), Is.EqualTo((KiB.FromMiB(1024), KiB.FromMiB(1024))));
        Assert.That(
            (plan.Host.Alarm, plan.Host.Reserved, plan.Host.Awaited), Is.EqualTo((HostAlarm.None, KiB.Zero, KiB.Zero)));
        Assert.That(
            host.Reservations.Open.Single().Explain(),
            Does.StartWith("not enough memory: free memory and all that domains can give are less than 4096 MiB"));
    }

    [Test]
    public void Reservation_that_comes_within_reach_gathers_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).WithFree(40);
        host.Reserve(1024);
        host.Run(10, (1, 1800));
        Assert.That(host.Reservations.Open.Single().IsOutOfReach);
        host.Run(120, (1, 500));
        Assert.That(host.Reservations.Open.Single().State, Is.EqualTo(ReservationState.Ready));
    }

    [Test]
    public void Reservation_takes_no_more_than_it_wants()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).With(2, 2048, 2048).WithFree(40);
        host.Settings = host.Settings with { Pace = 0 };
        host.Reserve(256);
        host.Run(30, (1, 500), (2, 500));
        Assert.That(host.Reservations.Open.Single().State, Is.EqualTo(ReservationState.Ready));
        Assert.That(KiB.FromMiB(4096) - host[1].Target!.Value - host[2].Target!.Value, Is.LessThan(KiB.FromMiB(300)));
    }

    [TestCase(1, 512)]
    [TestCase(9, 512)]
    [TestCase(11, 512)]
    [TestCase(11, 8192)]
    public void Reservation_gets_the_little_that_it_lacks(int lackingMib, int sizeMib)
    {
        HostBuilder host = new HostBuilder().With(1, sizeMib, sizeMib).With(2, sizeMib, sizeMib)
            .WithFree(32 + 256 - lackingMib);
        host.Settings = host.Settings with { Pace = 0 };
        host.Reserve(256);
        host.Run(10, (1, 200), (2, 200));
        Assert.That(host.Reservations.Open.Single().State, Is.EqualTo(ReservationState.Ready));
    }

    [Test]
    public void Reservation_of_what_many_domains_have_above_their_minimums_by_less_than_a_step_is_out_of_reach()
    {
        HostBuilder host = new();
        for (int domid = 1; domid <= 20; domid++) host.With(domid, 137, 137);
        host.WithFree(40);
        host.Reserve(128);
        host.Run(5, [.. Enumerable.Range(1, 20).Select(domid => (domid, 10L))]);
        Assert.That(host.Reservations.Open.Single().IsOutOfReach);
    }

    [Test]
    public void Ended_reservation_is_in_the_plan_with_its_obstacles()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).WithFree(40);
        host.Reserve(512, within: 5);
        host.Run(3, (1, 980));
        Plan plan = host.Passes(5).Reports(1, 980).Decide();
        Reservation ended = plan.Ended.Single();
        Assert.That(
            (ended.State, ended.BlockedBy.Single().Obstacle),
            Is.EqualTo((ReservationState.Expired, DonorObstacle.InUse)));
    }

    [Test]
    public void Obstacles_have_the_true_reason()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 512).With(2, 512, 512).With(3, 512, 512).With(4, 512, 512)
            .WithFree(40);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Paused };
        host[2] = host[2] with { HasPassthrough = true };
        host[3] = host[3] with { PopulatesOnDemand = true };
        host.Settings = host.Settings with
        {
            Rules = [new DomainRule("g4", new DomainSettings { Minimum = KiB.FromMiB(512) })],
        };
        host.Reserve(300);
        host.Run(3, (4, 100));
        Assert.That(
            host.Reservations.Open.Single().Explain(),
            Does.EndWith("g1 is not running; g2 is not balanced; g3 is being built; g4 is at its minimum"));
    }

    [Test]
    public void Immediate_reservation_out_of_reach_explains_its_obstacles()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).WithFree(40);
        host.Run(3, (1, 980));
        host.Reserve(512, within: 0);
        Plan plan = host.Passes(1).Reports(1, 980).Decide();
        Assert.That(
            plan.Ended.Single().Explain(),
            Is.EqualTo(
                "not enough memory: free memory and all that domains can give are less than 512 MiB; "
                    + "g1 uses what it has"));
    }

    [Test]
    public void Immediate_reservation_within_reach_has_no_obstacles()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).WithFree(40);
        host.Settings = host.Settings with { Pace = 0 };
        host.Run(3, (1, 500));
        host.Reserve(512, within: 0);
        Plan plan = host.Passes(1).Reports(1, 500).Decide();
        Assert.That(
            (plan.Ended.Single().Explain(), plan.Ended.Single().BlockedBy),
            Is.EqualTo(("512 MiB did not become free in time", Array.Empty<Donation>())));
    }

    [Test]
    public void Pool_is_available_to_a_reservation_at_once()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).WithFree(300);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(256) };
        host.Reserve(200);
        Plan plan = host.Reports(1, 900).Decide();
        Assert.That(plan.Host.Reserved, Is.EqualTo(KiB.FromMiB(200)));
    }
}
