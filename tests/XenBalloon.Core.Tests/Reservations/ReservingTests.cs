using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;

namespace XenBalloon.Core.Tests.Reservations;

/// <summary>What the balancer does for reservations.</summary>
public sealed class ReservingTests
{
    [Test]
    public void Idle_memory_is_collected_for_a_reservation_and_given_to_nobody_else()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).With(2, 512, 2048).WithFree(40);
        host.Reserve(1024);
        host.Run(20, (1, 200), (2, 500));
        Assert.That(host.Reservations.Open.Single().State, Is.EqualTo(ReservationState.Held));
        Assert.That(host.Free, Is.GreaterThanOrEqualTo(KiB.FromMiB(1024 + 32)));
    }

    [Test]
    public void A_trickler_is_not_waited_for()
    {
        HostBuilder host = new HostBuilder().With(1, 4096, 4096).With(2, 4096, 4096).WithFree(32);
        host.Reserve(2048);
        int seconds = 0;
        for (; seconds < 60 && host.Reservations.Open.Single().State != ReservationState.Held; seconds++)
        {
            KiB before = host[1].Actual;
            host.Passes(1).Reports(1, 100).Reports(2, 100).Act();
            host[1] = host[1] with { Actual = KiB.Max(host[1].Target!.Value, before - new KiB(40)) };
        }

        Assert.That(seconds, Is.LessThan(10));
    }

    [Test]
    public void Whoever_does_not_give_is_named()
    {
        HostBuilder host = new HostBuilder().With(1, 2048, 2048).With(2, 600, 2048).With(3, 600, 2048).WithFree(40);
        host.Reserve(1024);
        for (int i = 0; i < 40; i++)
        {
            host.Passes(1).Reports(1, 200).Reports(2, 590).Act();
            host[1] = host[1] with { Actual = KiB.FromMiB(2048) };
        }

        string said = host.Reservations.Open.Single().Explain();
        Assert.That(said, Does.Contain("g1 gave 0 KiB of").And.Contain("does not answer").And.Contain("g2 uses what it has").And.Contain("g3 reports nothing"));
    }

    [Test]
    public void A_reservation_that_cannot_be_met_hurts_nobody_and_is_no_alarm()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).With(2, 1024, 1024).WithFree(40);
        host.Reserve(4096);
        host.Run(60, (1, 500), (2, 500));
        Assert.That(host[1].Target, Is.GreaterThanOrEqualTo(KiB.FromMiB(540)));
        Assert.That(host.Decide().Host.Alarm, Is.EqualTo(HostAlarm.None));
        Assert.That(host.Decide().Host.Awaited, Is.GreaterThan(KiB.FromMiB(1024)));
    }

    [Test]
    public void The_pool_is_there_for_a_reservation_at_once()
    {
        HostBuilder host = new HostBuilder().With(1, 1024, 1024).WithFree(300);
        host.Settings = host.Settings with { KeepFree = KiB.FromMiB(256) };
        host.Reserve(200);
        Plan plan = host.Reports(1, 900).Decide();
        Assert.That(plan.Host.Reserved, Is.EqualTo(KiB.FromMiB(200)));
    }
}
