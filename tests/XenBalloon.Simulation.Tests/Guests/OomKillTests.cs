using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;
using XenBalloon.Simulation.Tests.Judging;

namespace XenBalloon.Simulation.Tests.Guests;

/// <summary>Which OOM kills the balancer has caused.</summary>
public sealed class OomKillTests
{
    [Test]
    public void Kill_counts_if_the_demand_fit_before_the_balancer_took_memory()
    {
        using var host = new VirtualHost(Using(300, from: 0));
        host.Resize(300);
        host.Run(20);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void Kill_is_reported_by_our_agent()
    {
        var reporting = new ReportingDescription { Source = ReportSource.Agent, Interval = TimeSpan.FromSeconds(1) };
        using var host = new VirtualHost(Using(300, from: 0) with { Reporting = reporting });
        host.Run(2);
        long? before = host.Domain().Report!.Vitals!.OomKills;
        host.Resize(300);
        host.Run(20);
        Assert.That((before, host.Domain().Report!.Vitals!.OomKills), Is.EqualTo(((long?)0, (long?)1)));
    }

    [Test]
    public void Kill_does_not_count_if_the_demand_did_not_fit_before_either()
    {
        using var host = new VirtualHost(Using(500, from: 30));
        host.Run(5);
        host.Resize(300);
        host.Run(30);
        AssertKills(host, byBalancer: 0);
    }

    [Test]
    public void Kill_counts_if_the_demand_fit_into_memory_and_swap()
    {
        using var host =
            new VirtualHost(Using(500, from: 30) with { Swap = new SwapDescription { Size = KiB.FromMiB(64) } });
        host.Run(5);
        host.Resize(300);
        host.Run(30);
        AssertKills(host, byBalancer: 1);
    }

    [TestCase(64)]
    [TestCase(600)]
    public void Kill_counts_however_long_ago_the_balancer_took_memory(double grownAt)
    {
        using var host = new VirtualHost(Using(300, from: grownAt));
        host.Run(5);
        host.Resize(300);
        host.Run(grownAt + 15);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void Kill_counts_while_the_memory_is_coming_back()
    {
        using var host = new VirtualHost(
            Using(400, from: 100) with { Balloon = new BalloonDescription { GrowPerSecond = KiB.FromMiB(1) } });
        host.Resize(300);
        host.Run(95);
        host.Resize(512);
        host.Run(15);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void Kill_counts_if_the_demand_fit_into_memory_that_was_given_later_and_taken_again()
    {
        using var host = new VirtualHost(Using(700, from: 200));
        host.Resize(1024);
        host.Run(5);
        host.Resize(512);
        host.Run(210);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void Kill_does_not_count_if_promised_growth_did_not_arrive()
    {
        using var host = new VirtualHost(Using(700, from: 200) with { Balloon = BalloonDescription.Stuck });
        host.Resize(1024);
        host.Run(5);
        host.Resize(512);
        host.Run(210);
        AssertKills(host, byBalancer: 0);
    }

    [Test]
    public void Kill_counts_after_save_and_restore()
    {
        GuestEvent[] events =
            [new(TimeSpan.FromSeconds(10), GuestEventKind.Save), new(TimeSpan.FromSeconds(20), GuestEventKind.Restore)];
        using var host = new VirtualHost(Using(300, from: 60) with { Events = [.. events] });
        host.Resize(300);
        host.Run(75);
        AssertKills(host, byBalancer: 1);
    }

    [Test]
    public void Kill_does_not_count_after_a_reboot()
    {
        var reboot = new GuestEvent(TimeSpan.FromSeconds(10), GuestEventKind.Reboot);
        using var host = new VirtualHost(Using(300, from: 60) with { Events = [reboot] });
        host.Resize(300);
        host.Run(100);
        AssertKills(host, byBalancer: 0);
    }

    [Test]
    public void Kill_counts_if_the_memory_was_taken_in_several_steps()
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
    public void Kill_does_not_count_if_the_memory_was_given_back()
    {
        using var host = new VirtualHost(Using(500, from: 40));
        host.Resize(300);
        host.Run(5);
        host.Resize(520);
        host.Run(60);
        AssertKills(host, byBalancer: 0);
    }

    [Test]
    public void Kill_does_not_count_if_an_administrator_took_the_memory()
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
        Anonymous = new StepLoad(
        [
            new LoadPoint(TimeSpan.Zero, KiB.FromMiB(from == 0 ? mib : 128)),
            new LoadPoint(TimeSpan.FromSeconds(from), KiB.FromMiB(mib)),
        ]),
        Swap = SwapDescription.None,
    };

    private static void AssertKills(VirtualHost host, int byBalancer) => Assert.Multiple(() =>
    {
        Assert.That(host.Outcome().OomKills + host.Outcome().Panics, Is.EqualTo(1));
        Assert.That(host.Outcome().OomKillsByBalancer, Is.EqualTo(byBalancer));
    });
}

/// <summary>A guest with dead programs does no work, which counts as stalled.</summary>
public sealed class DeadTimeTests
{
    private static readonly TimeSpan OneTick = TimeSpan.FromSeconds(0.1);

    // From 10 to 20 s its demand exceeds its memory.
    private static readonly GuestDescription Killed = VirtualHost.Guest() with
    {
        Anonymous = new StepLoad(
        [
            new LoadPoint(TimeSpan.Zero, KiB.FromMiB(100)), new LoadPoint(
                TimeSpan.FromSeconds(10), KiB.FromMiB(600)), new LoadPoint(TimeSpan.FromSeconds(20), KiB.FromMiB(100)),
        ]),
        Swap = SwapDescription.None,
    };

    private static readonly GuestDescription Busy =
        VirtualHost.Guest() with { Anonymous = new ConstantLoad(KiB.FromMiB(400)), Swap = SwapDescription.None };

    [Test]
    public void Guest_counts_as_stalled_until_killed_programs_restart()
    {
        using var host = new VirtualHost(Killed);
        host.Run(60);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(outcome.OomKills, Is.EqualTo(1));
            Assert.That(outcome.Worked, Is.EqualTo(TimeSpan.FromSeconds(60)));
            Assert.That(outcome.Stalled, Is.EqualTo(TimeSpan.FromSeconds(30)).Within(OneTick));
        });
    }

    [Test]
    public void Guest_counts_as_stalled_after_a_kernel_panic()
    {
        using var host = Squeezed(Busy);
        host.Run(2);
        bool gone = host.Find("guest") is null;
        TimeSpan before = host.Outcome().Stalled;
        host.Run(58);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(gone, Is.True);
            Assert.That(outcome.Panics, Is.EqualTo(1));
            Assert.That(outcome.Worked, Is.EqualTo(host.Host.Report().Simulated));
            Assert.That(outcome.Stalled - before, Is.EqualTo(TimeSpan.FromSeconds(58)).Within(OneTick));
        });
    }

    [TestCase(GuestEventKind.Destroy)]
    [TestCase(GuestEventKind.MigrateAway)]
    [TestCase(GuestEventKind.Save)]
    [TestCase(GuestEventKind.Crash)]
    public void Panicked_guest_counts_as_stalled_only_until_it_would_have_ended_anyway(GuestEventKind end)
    {
        using var host = Squeezed(Busy with { Events = [new GuestEvent(TimeSpan.FromSeconds(30), end)] });
        host.Run(50);
        Assert.That(host.Outcome().Worked, Is.EqualTo(TimeSpan.FromSeconds(30)).Within(OneTick));
    }

    [Test]
    public void Windows_of_a_dead_guest_count_as_slow()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Slowdowns(Killed, 512).Count(slowdown => slowdown > 30), Is.EqualTo(3));

            // The kill is in the first window, after the second failure of its balloon.
            Assert.That(Slowdowns(Busy, 60), Has.Length.EqualTo(6));
            Assert.That(Slowdowns(Busy, 60).Skip(1), Is.All.EqualTo(SlowdownWindows.Worst));
        });
    }

    // The target is so low that the guest panics at once.
    private static VirtualHost Squeezed(GuestDescription guest)
    {
        var host = new VirtualHost(guest);
        host.Resize(60);
        host.Run(10);
        return host;
    }

    private static ImmutableArray<double> Slowdowns(GuestDescription guest, int target)
    {
        var policy = new ScriptedPolicy(snapshot => new PolicyDecision(
            snapshot.Domains.Length == 1 ? [] : [ScriptedPolicy.Target(snapshot, "guest", target)],
            TimeSpan.FromSeconds(1)));
        return SimulationRun.Run(VirtualHost.Hosting(guest), policy, TimeSpan.FromMinutes(1)).Guests[0].Slowdowns;
    }
}
