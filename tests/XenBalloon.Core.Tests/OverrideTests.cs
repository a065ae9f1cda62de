using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>What an operator says by <c>xl mem-set</c>, or by pinning.</summary>
public sealed class OverrideTests
{
    [Test]
    public void A_target_that_somebody_else_wrote_is_left_alone_where_the_operator_wants_that()
    {
        HostBuilder host = Idle(OverrideHandling.Pin);
        Assert.That(Of(host.Passes(1).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Overridden));
        host.Run(30, (1, 100), (2, 490));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));
    }

    [Test]
    public void A_target_that_somebody_else_wrote_can_be_adopted_as_the_most_that_the_domain_may_have()
    {
        HostBuilder host = Idle(OverrideHandling.Adopt);
        host.Run(60, (1, 780), (2, 100));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));
        host.Run(60, (1, 100), (2, 900));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(790)), "below, it is balanced");
    }

    [Test]
    public void A_target_that_somebody_else_wrote_is_ignored_where_the_operator_wants_that()
    {
        HostBuilder host = Idle(OverrideHandling.Ignore);
        host.Run(60, (1, 100), (2, 900));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(700)));
    }

    [Test]
    public void A_target_that_somebody_wrote_while_the_balancer_only_looked_on_pins_nothing_when_it_begins()
    {
        HostBuilder host = Idle(OverrideHandling.Pin, observes: true);
        host.Passes(1).Decide();
        host.Settings = host.Settings with { Observes = false };
        host.Run(60, (1, 100), (2, 900));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(700)));
    }

    [Test]
    public void A_target_that_somebody_else_wrote_stays_pinned_while_the_balancer_looks_on_for_a_while()
    {
        HostBuilder host = Idle(OverrideHandling.Pin);
        host.Passes(1).Decide();
        host.Settings = host.Settings with { Observes = true };
        Assert.That(Of(host.Passes(1).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Overridden));
        host.Settings = host.Settings with { Observes = false };
        host.Run(30, (1, 100), (2, 490));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));
    }

    [Test]
    public void Our_own_targets_are_nobody_elses_word()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with { Override = OverrideHandling.Pin };
        host.Run(30, (1, 100), (2, 490));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.Not.EqualTo(ReasonKind.Overridden));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(800)));
    }

    [Test]
    public void A_pinned_domain_goes_to_its_pin_and_stays_there()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(600) })] };
        host.Run(120, (1, 100), (2, 100));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }

    [Test]
    public void A_pinned_domain_goes_up_to_its_pin_though_it_has_no_use_for_it([Values] SpareUse spare, [Values] bool hasVitals)
    {
        HostBuilder host = new HostBuilder().With(1, 400, 1024).With(2, 512, 1024).WithFree(500);
        host.Settings = host.Settings with { Spare = spare, Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(800) })] };
        GuestVitals? vitals = hasVitals ? new GuestVitals { MemorySome = 0, SwapTotal = KiB.FromMiB(512), SwapUsed = KiB.Zero } : null;
        for (int i = 0; i < 30; i++) host.Passes(1).Reports(1, 100, vitals).Reports(2, 100).Act();
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));
    }

    [Test]
    public void A_pin_below_what_a_domain_uses_does_not_kill_it()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(300) })] };
        host.Run(120, (1, 500), (2, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(540)));
    }

    [Test]
    public void A_target_that_somebody_else_wrote_is_left_alone_though_the_balloon_does_not_follow_it()
    {
        HostBuilder host = Idle(OverrideHandling.Pin);
        host[1] = host[1] with { Actual = KiB.FromMiB(900) };
        for (int i = 0; i < 200; i++)
        {
            Plan plan = host.Passes(1).Reports(1, 100).Decide();
            Assert.That(CommandsOf(plan, 1).Where(command => command.Kind == HostCommandKind.SetTarget), Is.Empty);
            Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Overridden));
        }
    }

    [Test]
    public void A_pin_that_is_more_than_there_is_waits_and_alarms_nobody()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 2048).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(2000) })] };
        host.Run(60, (1, 100), (2, 100));
        Assert.That(host.Decide().Host.Alarm, Is.Not.EqualTo(HostAlarm.MinimumsExceedHost));
        Assert.That(host[1].Target, Is.InRange(KiB.FromMiB(810), KiB.FromMiB(824)), "all that the other does not need, as if it used what it is pinned at");
    }

    private static HostBuilder Idle(OverrideHandling handling, bool observes = false)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with { Override = handling, Observes = observes };
        host.Reports(1, 100).Reports(2, 490).Decide();
        KiB set = KiB.FromMiB(800);
        host[1] = host[1] with { Target = set, Actual = set };
        return host;
    }
}
