using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class OracleForesightTests
{
    private static readonly CacheDescription Reading =
        new() { WorkingSet = KiB.FromMiB(600), LookupsPerSecond = 20_000 };

    // It can use all memory.
    private static readonly GuestDescription Reader = PeerRun.Guest("reader") with { Cache = Reading };

    [Test]
    public void Shared_memory_counts_as_program_memory()
    {
        GuestDescription sharer = PeerRun.Guest("sharer") with { Shared = PeerRun.Rising(0, 700, 30) };
        using var run = new PeerRun(PeerRun.Crowded(sharer, Reader), "oracle");
        run.Run(60);
        Assert.That(run.Host.Outcome("sharer").SwapFaults, Is.Zero);
        Assert.That(run.ActualMiB("sharer"), Is.GreaterThan(828));
    }

    [Test]
    public void Unused_memory_may_be_swapped_out_as_far_as_it_fits()
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
    public void Guest_at_its_limit_is_not_grown()
    {
        var balloon = new BalloonDescription { Ceiling = KiB.FromMiB(700) };
        GuestDescription capped = PeerRun.Guest("capped") with { Cache = Reading, Balloon = balloon };
        using var run = new PeerRun(PeerRun.Crowded(capped, Reader), "oracle");
        run.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(run.TargetMiB("capped"), Is.EqualTo(700).Within(1));
            Assert.That(run.ActualMiB("reader"), Is.GreaterThan(1270));
        });
    }

    [Test]
    public void Guest_gets_its_later_needs_before_its_balloon_sticks()
    {
        GuestDescription stuck = PeerRun.Guest("stuck") with
        {
            Anonymous = PeerRun.Rising(128, 700, 60),
            Balloon =
                new BalloonDescription { StuckFrom = TimeSpan.FromSeconds(30), StuckUntil = TimeSpan.FromSeconds(90) },
        };
        using var run = new PeerRun(PeerRun.Crowded(stuck, Reader), "oracle");
        run.Run(20);
        Assert.That(run.ActualMiB("stuck"), Is.LessThan(600), "not long before");
        run.Run(60);
        Assert.That(run.Host.Outcome("stuck").Stalled, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Stuttering_balloon_is_not_waited_for()
    {
        GuestDescription stutters = PeerRun.Guest("stutters") with
        {
            Anonymous = PeerRun.Rising(128, 700, 64),
            Balloon =
                new BalloonDescription { StuckEvery = TimeSpan.FromSeconds(30), StuckFor = TimeSpan.FromSeconds(10) },
        };
        using var run = new PeerRun(PeerRun.Crowded(stutters, Reader), "oracle");
        run.Run(90);
        Assert.That(run.Host.Outcome("stutters").Stalled, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Rebooted_or_restored_guest_finds_its_memory_free()
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
        Assert.That(run.ActualMiB("reader"), Is.GreaterThan(1900), "memory that no guest needs yet is lent");
        run.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(run.Report.Host.FailedStarts, Is.Zero);
            Assert.That(run.Host.Find("restless"), Is.Not.Null);
        });
    }
}

/// <summary>The oracle is the bound for regret, so no policy may be better.</summary>
public sealed class OracleBoundTests
{
    // Smaller differences of mean slowdown do not count.
    private const double Noise = 0.001;

    [Test]
    public void Oracle_is_a_bound([Values("idle-tax", "consolidation", "limit-cycle", "starvation")] string name)
    {
        Scenario scenario = BuiltInScenarios.All.Single(scenario => scenario.Name == name);
        var options = new JudgeOptions
        {
            Policies = PolicyCatalog.All,
            FirstSeed = 1,
            Seeds = 3,
            Duration = TimeSpan.FromMinutes(4),
        };
        Judgement judgement = Judge.Run(scenario, options);
        PolicyResult oracle = judgement.Find(PolicyCatalog.Oracle)!;
        Assert.Multiple(() =>
        {
            double bound = Mean(oracle, "slowdown.mean") - Noise;
            foreach (PolicyResult policy in judgement.Policies)
                Assert.That(Mean(policy, "slowdown.mean"), Is.GreaterThan(bound), policy.Name);
            foreach (string harm in new[] { "oom", "starts.failed", "violations" })
                Assert.That(Mean(oracle, harm), Is.Zero, harm);
        });
    }

    private static double Mean(PolicyResult policy, string metric) =>
        policy.Of(MetricCatalog.Named(metric))!.Value.Mean;
}
