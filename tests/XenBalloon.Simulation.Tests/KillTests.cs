using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Tests;

/// <summary>Which kills are the balancer's doing.</summary>
public sealed class KillTests
{
    [Test]
    public void A_kill_of_what_fit_before_the_balancer_took_memory_is_its_doing()
    {
        using var host = new VirtualHost(Using(300, from: 0));
        host.Resize(300);
        host.Run(20);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void A_kill_of_what_would_not_have_fit_before_either_is_not_its_doing()
    {
        using var host = new VirtualHost(Using(500, from: 30));
        host.Run(5);
        host.Resize(300);
        host.Run(30);
        AssertKills(host, byBalancer: 0);
    }

    [Test]
    public void A_kill_of_what_would_have_fit_with_swap_is_its_doing()
    {
        using var host = new VirtualHost(Using(500, from: 30) with { Swap = new SwapDescription { Size = KiB.FromMiB(64) } });
        host.Run(5);
        host.Resize(300);
        host.Run(30);
        AssertKills(host, byBalancer: 1);
    }

    [TestCase(64, 1)]
    [TestCase(67, 0)]
    public void What_the_balancer_took_more_than_a_minute_ago_is_not_held_against_it(double grownAt, int byBalancer)
    {
        using var host = new VirtualHost(Using(300, from: grownAt));
        host.Run(5);
        host.Resize(300);
        host.Run(80);
        AssertKills(host, byBalancer);
    }

    [Test]
    public void What_it_took_in_several_steps_is_held_against_it()
    {
        using var host = new VirtualHost(Using(300, from: 40));
        for (int mib = 500; mib >= 300; mib -= 50)
        {
            host.Resize(mib);
            host.Run(5);
        }

        host.Run(30);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void What_it_took_and_gave_back_is_not_held_against_it()
    {
        using var host = new VirtualHost(Using(500, from: 40));
        host.Resize(300);
        host.Run(5);
        host.Resize(520);
        host.Run(60);
        AssertKills(host, byBalancer: 0);
    }

    [Test]
    public void What_an_operator_took_is_not_held_against_the_balancer()
    {
        var memSet = new GuestEvent(TimeSpan.FromSeconds(20), GuestEventKind.SetTarget, KiB.FromMiB(200));
        using var host = new VirtualHost(Using(300, from: 0) with { Events = [memSet] });
        host.Resize(500);
        host.Run(10);
        host.Resize(490);
        host.Run(20);
        AssertKills(host, byBalancer: 0);
    }

    private static GuestDescription Using(int mib, double from) => VirtualHost.Guest() with
    {
        Anonymous = new StepLoad([new LoadPoint(TimeSpan.Zero, KiB.FromMiB(from == 0 ? mib : 128)), new LoadPoint(TimeSpan.FromSeconds(from), KiB.FromMiB(mib))]),
        Swap = SwapDescription.None,
    };

    private static void AssertKills(VirtualHost host, int byBalancer) => Assert.Multiple(() =>
    {
        Assert.That(host.Outcome().OomKills + host.Outcome().Panics, Is.EqualTo(1));
        Assert.That(host.Outcome().OomKillsByBalancer, Is.EqualTo(byBalancer));
    });
}
