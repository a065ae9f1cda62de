using System.Collections.Immutable;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests;

/// <summary>When an operator is told to look at a domain.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DomainAlarmTests
{
    private readonly DomainAlarmMonitor monitor = new();
    private ImmutableArray<RaisedAlarm> raised = [];

    private static GuestVitals WithoutSwap => new() { SwapTotal = KiB.Zero, SwapUsed = KiB.Zero, MemorySome = 0 };

    [Test]
    public void Domain_that_cannot_get_what_it_needs_raises_an_alarm_after_ten_seconds()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(32).Reports(1, 216);
        Read(host.Decide());

        for (int i = 0; i < 9; i++) Read(host.Passes(1).Reports(1, 216).Act());
        Assert.That(raised, Is.Empty);

        Read(host.Passes(1).Reports(1, 216).Act());
        RaisedAlarm alarm = raised.Single();
        Assert.That(
            (alarm.Domain.Domid, alarm.Name, alarm.Kind), Is.EqualTo((1, "g1", DomainAlarm.ShortOfMemory)));
        Assert.That(alarm.Reason.ToString(), Does.StartWith("lacks memory at 256 MiB: other domains need the rest"));
    }

    [Test]
    public void Domain_that_gets_what_it_needs_raises_none()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 1024).WithFree(800);
        for (int i = 0; i < 30; i++) Read(host.Passes(1).Reports(1, 300).Act());
        Assert.That(raised, Is.Empty);
    }

    [Test]
    public void Domain_at_its_maximum_that_needs_more_raises_an_alarm()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 512).WithFree(800);
        for (int i = 0; i < 30; i++) Read(host.Passes(1).Reports(1, 472).Act());
        Assert.That(raised.Select(alarm => alarm.Kind), Is.EqualTo(new[] { DomainAlarm.ShortOfMemory }));
        Assert.That(raised.Single().Remedy, Does.StartWith("raise its maximum"));
    }

    [Test]
    public void Domain_that_only_mode_active_would_serve_raises_none()
    {
        for (int second = 0; second < 30; second++) Read(Short(), second, balances: false);
        Assert.That(raised, Is.Empty);

        for (int second = 30; second <= 40; second++) Read(Short(), second);
        Assert.That(raised.Single().Kind, Is.EqualTo(DomainAlarm.ShortOfMemory));
    }

    [Test]
    public void Domain_that_leaves_raises_none() => Assert.That(
        RaisedAfterAMinute(Short(web => web with { Facts = new ReasonFacts { IsLeaving = true } })), Is.Empty);

    [Test]
    public void Domain_that_may_count_page_cache_as_used_raises_none() => Assert.That(
        RaisedAfterAMinute(Short(web => web with { Demand = web.Demand!.Value with { StaysFull = true } })), Is.Empty);

    [Test]
    public void Stall_with_memory_available_raises_none()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 512).WithFree(800);
        for (int i = 0; i < 60; i++)
        {
            GuestVitals stalled = WithoutSwap with { MemorySome = 0.5 };
            Read(host.Passes(1).Reports(1, 100, stalled).Act());
        }

        Assert.That(raised.Select(alarm => alarm.Kind), Has.None.EqualTo(DomainAlarm.NearOutOfMemory));
    }

    [Test]
    public void Balloon_that_did_not_grow_to_what_the_domain_needs_is_stuck()
    {
        var limit = new ReasonFacts { Bound = ShareBound.Ceiling, Claimable = KiB.FromMiB(512) };
        Plan content = OfWeb(web => web with { Facts = limit }), lacking = Short(web => web with { Facts = limit });
        Assert.That(RaisedAfterAMinute(content), Is.Empty);
        Assert.That(RaisedAfterAMinute(lacking), Has.One.EqualTo(DomainAlarm.BalloonStuck));
    }

    [Test]
    public void Domain_without_swap_and_memory_is_near_out_of_memory()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 256).WithFree(32);
        for (int i = 0; i < 3; i++) Read(host.Passes(1).Reports(1, 215, WithoutSwap).Decide());
        Assert.That(raised, Is.Empty, "it may get memory at once");

        Read(host.Passes(1).Reports(1, 215, WithoutSwap).Decide());
        Assert.That(raised.Single().Kind, Is.EqualTo(DomainAlarm.NearOutOfMemory));
    }

    [Test]
    public void Kernel_that_kills_programs_is_near_out_of_memory_at_once()
    {
        HostBuilder host = new HostBuilder().With(1, 512, 512).WithFree(800);
        Read(host.Reports(1, 100, new GuestVitals { OomKills = 3 }).Decide());
        Assert.That(raised, Is.Empty);

        Read(host.Passes(1).Reports(1, 100, new GuestVitals { OomKills = 4 }).Decide());
        Assert.That(raised.Single().Kind, Is.EqualTo(DomainAlarm.NearOutOfMemory));
    }

    [Test]
    public void Stuck_balloon_raises_an_alarm_until_a_minute_after_it_moves()
    {
        Plan stuck = OfWeb(web => web with { Health = BalloonHealth.Stuck }), moving = OfWeb(web => web);
        Read(stuck, at: 0);
        Assert.That(raised.Single().Kind, Is.EqualTo(DomainAlarm.BalloonStuck));

        Read(moving, at: 30);
        Read(stuck, at: 40);
        Read(moving, at: 99);
        Assert.That(raised, Has.Length.EqualTo(1), "it may come back");

        Read(moving, at: 100);
        Assert.That(raised, Is.Empty);
    }

    [TestCase(ReportVerdict.Stale, ReportSource.Agent, false, 150, DomainAlarm.AgentSilent)]
    [TestCase(ReportVerdict.Stale, ReportSource.Qubes, false, null, null)]
    [TestCase(ReportVerdict.Silent, ReportSource.Agent, true, 150, DomainAlarm.AgentSilent)]
    [TestCase(ReportVerdict.Silent, ReportSource.Agent, false, null, null)]
    [TestCase(ReportVerdict.Implausible, ReportSource.Agent, false, 10, DomainAlarm.ReportInvalid)]
    [TestCase(ReportVerdict.Fresh, ReportSource.Agent, true, null, null)]
    public void Reports_that_cannot_be_used_raise_an_alarm(
        ReportVerdict verdict, ReportSource source, bool hasAgent, int? after, DomainAlarm? kind)
    {
        Plan plan = OfWeb(web => web with
        {
            Domain = web.Domain with { HasAgent = hasAgent, Report = web.Domain.Report! with { Source = source } },
            Demand = web.Demand!.Value with { Verdict = verdict },
        });
        for (int second = 0; second <= 200; second++)
        {
            Read(plan, second);
            bool isExpected = second >= after;
            Assert.That(
                raised.Select(alarm => (DomainAlarm?)alarm.Kind),
                Is.EqualTo(isExpected ? new[] { kind } : []),
                () => $"after {second} s");
        }
    }

    [Test]
    public void Alarm_of_a_domain_that_has_ended_is_cleared()
    {
        Plan stuck = OfWeb(web => web with { Health = BalloonHealth.Stuck });
        Read(stuck, at: 0);
        Read(stuck with { Domains = [] }, at: 1);
        Assert.That(raised, Is.Empty);
    }

    [Test]
    public void Domain_that_is_not_managed_raises_none()
    {
        Read(OfWeb(web => web with { Health = BalloonHealth.Stuck, Managed = false }), at: 0);
        Assert.That(raised, Is.Empty);
    }

    [Test]
    public void Every_alarm_has_a_remedy()
    {
        string[] remedies =
        [
            .. Enum.GetValues<DomainAlarm>().Select(
                kind => new RaisedAlarm(new DomainIdentity(1, Guid.Empty), "web", kind, default).Remedy),
        ];
        Assert.That(remedies, Is.Unique);
    }

    /// <summary>A domain that needs more than it has.</summary>
    private static Plan Short(Func<DomainDecision, DomainDecision>? change = null) => OfWeb(web =>
    {
        DomainDecision lacking = web with { Demand = web.Demand!.Value with { Need = KiB.FromMiB(800) } };
        return change?.Invoke(lacking) ?? lacking;
    });

    private IEnumerable<DomainAlarm> RaisedAfterAMinute(Plan plan)
    {
        for (int second = 0; second < 60; second++) Read(plan, second);
        return raised.Select(alarm => alarm.Kind);
    }

    /// <summary>A domain at rest, as changed.</summary>
    private static Plan OfWeb(Func<DomainDecision, DomainDecision> change)
    {
        Plan plan = new HostBuilder().With(1, 512, 1024).WithFree(100).Reports(1, 200).Decide();
        return plan with { Domains = [change(plan.Domains.Single())] };
    }

    private void Read(Plan plan, int at, bool balances = true) =>
        Read(plan with { At = TimeSpan.FromSeconds(1000 + at) }, balances);

    private void Read(Plan plan) => Read(plan, balances: true);

    private void Read(Plan plan, bool balances)
    {
        monitor.Read(plan, balances);
        raised = monitor.Raised;
    }
}
