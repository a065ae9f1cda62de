using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Peers;

public sealed class OracleForesightTests
{
    private static readonly CacheDescription Reading = new() { WorkingSet = KiB.FromMiB(600), LookupsPerSecond = 20_000 };

    // It could use all of the memory there is.
    private static readonly GuestDescription Reader = PeerRun.Guest("reader") with { Cache = Reading };

    [Test]
    public void Shared_memory_counts_as_what_programs_use()
    {
        GuestDescription sharer = PeerRun.Guest("sharer") with { Shared = PeerRun.Rising(0, 700, 30) };
        using var run = new PeerRun(PeerRun.Crowded(sharer, Reader), "oracle");
        run.Run(60);
        Assert.That(run.Host.Outcome("sharer").SwapFaults, Is.Zero);
        Assert.That(run.ActualMiB("sharer"), Is.GreaterThan(828));
    }

    [Test]
    public void What_is_held_without_use_may_go_to_swap_but_must_fit_there()
    {
        var cold = new ConstantLoad(KiB.FromMiB(600));
        GuestDescription swapping = PeerRun.Guest("holder") with { BootMemory = KiB.FromMiB(900), Cold = cold };
        GuestDescription unable = swapping with { Swap = SwapDescription.None };
        GuestDescription needy = PeerRun.Guest("needy") with { Anonymous = PeerRun.Rising(128, 1600, 20) };
        using var swapped = new PeerRun(PeerRun.Crowded(swapping, needy), "oracle");
        using var kept = new PeerRun(PeerRun.Crowded(unable, needy), "oracle");
        swapped.Run(60);
        kept.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(swapped.ActualMiB("holder"), Is.LessThan(400));
            Assert.That(swapped.Host.Outcome("holder").SwapFaults, Is.Zero);
            Assert.That(kept.Host.Outcome("holder").OomKills, Is.Zero);
            Assert.That(kept.ActualMiB("holder"), Is.GreaterThan(728));
        });
    }

    [Test]
    public void Who_cannot_grow_further_is_not_told_to()
    {
        GuestDescription capped = PeerRun.Guest("capped") with { Cache = Reading, Balloon = new BalloonDescription { Ceiling = KiB.FromMiB(700) } };
        using var run = new PeerRun(PeerRun.Crowded(capped, Reader), "oracle");
        run.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(run.TargetMiB("capped"), Is.EqualTo(700).Within(1));
            Assert.That(run.ActualMiB("reader"), Is.GreaterThan(1270));
        });
    }

    [Test]
    public void Before_its_balloon_is_stuck_a_guest_has_what_it_will_want_until_it_moves_again()
    {
        GuestDescription stuck = PeerRun.Guest("stuck") with
        {
            Anonymous = PeerRun.Rising(128, 700, 60),
            Balloon = new BalloonDescription { StuckFrom = TimeSpan.FromSeconds(30), StuckUntil = TimeSpan.FromSeconds(90) },
        };
        using var run = new PeerRun(PeerRun.Crowded(stuck, Reader), "oracle");
        run.Run(20);
        Assert.That(run.ActualMiB("stuck"), Is.LessThan(600), "not long before");
        run.Run(60);
        Assert.That(run.Host.Outcome("stuck").Stalled, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_balloon_that_stutters_is_not_waited_for()
    {
        GuestDescription stutters = PeerRun.Guest("stutters") with
        {
            Anonymous = PeerRun.Rising(128, 700, 64),
            Balloon = new BalloonDescription { StuckEvery = TimeSpan.FromSeconds(30), StuckFor = TimeSpan.FromSeconds(10) },
        };
        using var run = new PeerRun(PeerRun.Crowded(stutters, Reader), "oracle");
        run.Run(90);
        Assert.That(run.Host.Outcome("stutters").Stalled, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Who_reboots_or_is_restored_finds_the_memory_that_he_comes_back_with()
    {
        GuestDescription restless = PeerRun.Guest("restless", 300) with
        {
            Events =
            [
                new GuestEvent(TimeSpan.FromSeconds(20), GuestEventKind.Reboot),
                new GuestEvent(TimeSpan.FromSeconds(60), GuestEventKind.Save),
                new GuestEvent(TimeSpan.FromSeconds(100), GuestEventKind.Restore),
            ],
        };
        using var run = new PeerRun(PeerRun.Crowded(restless, Reader), "oracle");
        run.Run(80);
        Assert.That(run.Host.Find("restless"), Is.Null);
        Assert.That(run.ActualMiB("reader"), Is.GreaterThan(1900), "what nobody needs yet is lent out");
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(run.Report.Host.FailedStarts, Is.Zero);
            Assert.That(run.Host.Find("restless"), Is.Not.Null);
        });
    }
}
