using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

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

    [TestCase(64)]
    [TestCase(600)]
    public void What_the_balancer_took_is_held_against_it_however_long_ago_that_was(double grownAt)
    {
        using var host = new VirtualHost(Using(300, from: grownAt));
        host.Run(5);
        host.Resize(300);
        host.Run(grownAt + 15);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void A_kill_while_what_the_balancer_took_is_on_its_way_back_is_its_doing()
    {
        using var host = new VirtualHost(Using(400, from: 100) with { Balloon = new BalloonDescription { GrowPerSecond = KiB.FromMiB(1) } });
        host.Resize(300);
        host.Run(95);
        host.Resize(512);
        host.Run(15);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void A_kill_of_what_only_fit_what_a_guest_was_given_later_and_had_taken_away_again_is_the_balancers_doing()
    {
        using var host = new VirtualHost(Using(700, from: 200));
        host.Resize(1024);
        host.Run(5);
        host.Resize(512);
        host.Run(210);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void A_kill_for_want_of_growth_that_was_promised_and_did_not_come_is_not_the_balancers_doing()
    {
        using var host = new VirtualHost(Using(700, from: 200) with { Balloon = BalloonDescription.Stuck });
        host.Resize(1024);
        host.Run(5);
        host.Resize(512);
        host.Run(210);
        AssertKills(host, byBalancer: 0);
    }

    [Test]
    public void What_was_taken_before_a_guest_was_saved_is_held_against_the_balancer_when_it_is_back()
    {
        GuestEvent[] events = [new(TimeSpan.FromSeconds(10), GuestEventKind.Save), new(TimeSpan.FromSeconds(20), GuestEventKind.Restore)];
        using var host = new VirtualHost(Using(300, from: 60) with { Events = [.. events] });
        host.Resize(300);
        host.Run(75);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void What_was_taken_in_a_life_before_is_not_held_against_the_balancer()
    {
        var reboot = new GuestEvent(TimeSpan.FromSeconds(10), GuestEventKind.Reboot);
        using var host = new VirtualHost(Using(300, from: 60) with { Events = [reboot] });
        host.Resize(300);
        host.Run(100);
        AssertKills(host, byBalancer: 0);
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
