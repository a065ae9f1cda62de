using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Domains that start, stop, or are none of our business.</summary>
public sealed class LifecycleTests
{
    [Test]
    public void dom0_is_left_alone_whatever_is_said_of_all_domains()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).WithFree(500);
        host.Settings = host.Settings with { Defaults = new DomainSettings { Managed = true } };
        host[0] = host[0] with { Target = KiB.FromMiB(552), StaticMax = KiB.FromMiB(2048) };
        for (int i = 0; i < 60; i++) Assert.That(host.Passes(1).Decide().Commands, Is.Empty);
    }

    [Test]
    public void A_restore_that_takes_long_keeps_its_memory_for_as_long_as_it_takes_more()
    {
        HostBuilder host = new HostBuilder().With(1, 256, 4096).With(2, 100, 2048).WithFree(2000).Reports(1, 216);
        for (int i = 0; i < 30; i++)
        {
            host[2] = host[2] with { Lifecycle = DomainLifecycle.Building, Target = null, Actual = KiB.FromMiB(100 + (10 * i)) };
            host.Passes(10).Reports(1, 216);
            Assert.That(CommandsOf(host.Decide(), 1), Is.Empty);
        }
    }

    [TestCase(DomainLifecycle.Paused)]
    [TestCase(DomainLifecycle.Suspended)]
    [TestCase(DomainLifecycle.Shutdown)]
    [TestCase(DomainLifecycle.Dying)]
    public void A_domain_that_does_not_run_gets_no_commands(DomainLifecycle lifecycle)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(1, 100).Reports(2, 216);
        host[1] = host[1] with { Lifecycle = lifecycle };
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1), Is.Empty);
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.NotRunning));
    }

    [Test]
    public void dom0_and_unmanaged_domains_are_left_alone()
    {
        HostBuilder host = new HostBuilder().With(0, 512, 512).With(1, 900, 1024).With(2, 256, 1024).WithFree(32).Reports(0, 100).Reports(1, 100).Reports(2, 216);
        host.Settings = host.Settings with { Rules = [new DomainRule("g1", new DomainSettings { Managed = false })] };
        Plan plan = host.Decide();
        Assert.That(plan.Commands, Is.Empty);
        Assert.That(Of(plan, 0).Reason.Kind, Is.EqualTo(ReasonKind.Unmanaged));
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Unmanaged));
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.None), "it may be over in a moment");
        for (int i = 0; i < 10; i++) plan = host.Passes(1).Reports(2, 216).Decide();
        Assert.That(plan.Host.Alarm, Is.EqualTo(HostAlarm.DemandExceedsHost));
    }

    [Test]
    public void A_domid_with_another_uuid_is_another_domain()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(32);
        host.Run(10, (1, 850));
        host[1] = host[1] with { Identity = new DomainIdentity(1, Uuid(77)), Report = null };
        Assert.That(Of(host.Decide(), 1).Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Silent));
    }

    [Test]
    public void A_domain_that_populates_on_demand_is_left_alone()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024, DomainKind.Hvm).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { PopulatesOnDemand = true };
        Plan plan = host.Reports(1, 100).Reports(2, 216).Decide();
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Starting));
        Assert.That(CommandsOf(plan, 1), Is.Empty);
    }

    [Test]
    public void A_domain_that_is_never_unpaused_is_not_looked_at_every_moment_for_ever()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024, DomainKind.Hvm).WithFree(32);
        host[1] = host[1] with { PopulatesOnDemand = true, Lifecycle = DomainLifecycle.Paused };
        Assert.That(host.Decide().IsMoving);
        Assert.That(host.Passes(120).Decide().IsMoving, Is.False);
    }

    [Test]
    public void A_domain_with_a_device_passed_through_is_left_alone()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).With(2, 256, 1024).WithFree(32);
        host[1] = host[1] with { HasPassthrough = true };
        Plan plan = host.Reports(1, 100).Reports(2, 216).Decide();
        Assert.That(Of(plan, 1).Reason.Kind, Is.EqualTo(ReasonKind.Passthrough));
        Assert.That(CommandsOf(plan, 1), Is.Empty);
    }
}
