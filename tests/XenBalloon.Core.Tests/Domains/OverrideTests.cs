using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>Targets that an operator sets with <c>xl mem-set</c>, and pins.</summary>
public sealed class OverrideTests
{
    [Test]
    public void Override_pins_the_domain_if_configured()
    {
        HostBuilder host = Idle(OverrideHandling.Pin);
        Assert.That(Of(host.Passes(1).Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.Overridden));
        host.Run(30, (1, 100), (2, 490));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));
    }

    [Test]
    public void Override_becomes_the_maximum_if_configured()
    {
        HostBuilder host = Idle(OverrideHandling.Adopt);
        host.Run(60, (1, 780), (2, 100));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));
        host.Run(60, (1, 100), (2, 900));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(790)), "below, it is balanced");
    }

    [Test]
    public void Override_is_ignored_if_configured()
    {
        HostBuilder host = Idle(OverrideHandling.Ignore);
        host.Run(60, (1, 100), (2, 900));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(700)));
    }

    [Test]
    public void Target_set_in_observe_mode_does_not_pin_later()
    {
        HostBuilder host = Idle(OverrideHandling.Pin, observes: true);
        host.Passes(1).Decide();
        host.Settings = host.Settings with { Observes = false };
        host.Run(60, (1, 100), (2, 900));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(700)));
    }

    [Test]
    public void Override_stays_pinned_during_observe_mode()
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
    public void Own_targets_are_not_overrides()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with { Override = OverrideHandling.Pin };
        host.Run(30, (1, 100), (2, 490));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.Not.EqualTo(ReasonKind.Overridden));
        Assert.That(host[1].Target, Is.LessThan(KiB.FromMiB(800)));
    }

    [Test]
    public void Pinned_domain_moves_to_its_pin_and_stays()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with
        {
            Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(600) })],
        };
        host.Run(120, (1, 100), (2, 100));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(600)));
    }

    [TestCase(0.05)]
    [TestCase(0)]
    public void Pin_below_the_size_is_reached_at_once_whatever_the_pace_although_the_domain_has_just_grown(double pace)
    {
        HostBuilder host = new HostBuilder().With(1, 400, 1024).With(2, 512, 1024).WithFree(500);
        host.Settings = PinnedTo(800);
        host.Run(30, (1, 100), (2, 100));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));

        host.Settings = PinnedTo(400) with { Pace = pace };
        host.Run(5, (1, 100), (2, 100));

        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(400)));
        Assert.That(
            Of(host.Decide(), 1).Reason.ToString(),
            Does.StartWith("pinned at 400 MiB").And.EndWith("share 400 MiB (up to its pinned size)"));

        BalancerSettings PinnedTo(long mib) => host.Settings with
        {
            Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(mib) })],
        };
    }

    [Test]
    public void Pinned_domain_grows_to_its_pin_without_need([Values] SpareUse spare, [Values] bool hasVitals)
    {
        HostBuilder host = new HostBuilder().With(1, 400, 1024).With(2, 512, 1024).WithFree(500);
        host.Settings = host.Settings with
        {
            Spare = spare,
            Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(800) })],
        };
        GuestVitals? vitals = hasVitals
            ? new GuestVitals { MemorySome = 0, SwapTotal = KiB.FromMiB(512), SwapUsed = KiB.Zero }
            : null;
        for (int i = 0; i < 30; i++) host.Passes(1).Reports(1, 100, vitals).Reports(2, 100).Act();
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(800)));
    }

    [Test]
    public void Pin_below_the_use_does_not_kill_the_domain()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with
        {
            Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(300) })],
        };
        host.Run(120, (1, 500), (2, 100));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(540)));
    }

    [Test]
    public void Override_is_kept_although_the_balloon_does_not_follow_it()
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
    public void Pin_beyond_the_host_waits_without_an_alarm()
    {
        HostBuilder host = new HostBuilder().With(1, 400, 2048).With(2, 512, 1024).WithFree(100);
        host.Settings = host.Settings with
        {
            Rules = [new DomainRule("g1", new DomainSettings { Pin = KiB.FromMiB(2000) })],
        };
        host.Run(60, (1, 100), (2, 100));
        Assert.That(host.Decide().Host.Alarm, Is.Not.EqualTo(HostAlarm.MinimumsExceedHost));
        Assert.That(
            host[1].Target,
            Is.InRange(KiB.FromMiB(810), KiB.FromMiB(824)),
            "all that the other does not need, as if it used its pinned size");
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

/// <summary>Domains whose minimum is their maximum.</summary>
public sealed class SingleSizeTests
{
    [TestCase(512)]
    [TestCase(1500)]
    public void Domain_with_one_size_is_moved_there_and_stays(int mib)
    {
        HostBuilder host = OnlyOneSize(mib, 1024);
        host.Run(120, (1, 300));
        Assert.That(host[1].Target, Is.EqualTo(KiB.FromMiB(1024)));
        Assert.That(Of(host.Decide(), 1).Reason.Kind, Is.EqualTo(ReasonKind.NoRange));
    }

    [Test]
    public void Domain_with_one_size_is_not_shrunk_below_its_use()
    {
        HostBuilder host = OnlyOneSize(1500, 1024);
        host.Run(120, (1, 1300));
        Assert.That(host[1].Target, Is.GreaterThan(KiB.FromMiB(1300)));
    }

    [Test]
    public void Domain_at_its_one_size_gets_no_commands()
    {
        HostBuilder host = OnlyOneSize(1024, 1024);
        for (int i = 0; i < 60; i++) Assert.That(host.Passes(1).Reports(1, 1000).Decide().Commands, Is.Empty);
    }

    private static HostBuilder OnlyOneSize(int mib, int onlyMib)
    {
        HostBuilder host = new HostBuilder().With(1, mib, 2048).WithFree(1000);
        host.Settings = host.Settings with
        {
            Rules =
            [
                new DomainRule(
                    "g1", new DomainSettings { Minimum = KiB.FromMiB(onlyMib), Maximum = KiB.FromMiB(onlyMib) }),
            ],
        };
        return host;
    }
}
