using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class PopulationTests
{
    private static readonly GuestDescription Newcomer = VirtualHost.Guest() with
    {
        Kind = DomainKind.Hvm,
        PopulatesOnDemand = true,
        CreatedAt = TimeSpan.FromSeconds(1),
        BootTime = TimeSpan.FromSeconds(20),
    };

    [Test]
    public void Memory_is_populated_on_demand_until_the_balloon_has_arrived_for_the_first_time()
    {
        using var host = new VirtualHost(Newcomer);
        host.Run(20);
        bool booting = host.Domain().PopulatesOnDemand;
        host.Run(5);
        bool up = host.Domain().PopulatesOnDemand;
        host.Resize(400);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(booting, Is.True);
            Assert.That(up, Is.False);
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(400)));
            Assert.That(host.Outcome().Panics, Is.Zero);
        });
    }

    [Test]
    public void A_guest_whose_target_is_lowered_before_it_is_populated_panics_when_it_comes_up()
    {
        using var host = new VirtualHost(Newcomer);
        host.Run(10);
        host.Resize(400);
        host.Run(10);
        DomainSnapshot booting = host.Domain();
        host.Run(2.5);
        DomainSnapshot up = host.Domain();
        host.Run(5);
        Assert.Multiple(() =>
        {
            Assert.That(booting.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
            Assert.That(up.Lifecycle, Is.EqualTo(DomainLifecycle.Shutdown));
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Outcome().Panics, Is.EqualTo(1));
        });
    }

    [Test]
    public void A_guest_whose_target_is_raised_meanwhile_is_populated_once_it_has_grown()
    {
        using var host = new VirtualHost(Newcomer with { Balloon = new BalloonDescription { GrowPerSecond = KiB.FromMiB(10) } });
        host.Run(10);
        host.Resize(612);
        host.Run(14);
        bool growing = host.Domain().PopulatesOnDemand;
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(growing, Is.True);
            Assert.That(host.Domain().PopulatesOnDemand, Is.False);
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(612)));
        });
    }

    [Test]
    public void A_guest_that_was_up_before_the_beginning_is_populated()
    {
        using var host = new VirtualHost(Newcomer with { CreatedAt = null });
        Assert.That(host.Domain().PopulatesOnDemand, Is.False);
    }
}
