using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests;

/// <summary>Domains that sleep with a promise.</summary>
public sealed class PausedTests
{
    [TestCase(DomainLifecycle.Paused)]
    [TestCase(DomainLifecycle.Suspended)]
    [TestCase(DomainLifecycle.Shutdown)]
    public void The_cap_of_a_domain_that_does_not_run_goes_down_to_what_it_holds(DomainLifecycle lifecycle)
    {
        HostBuilder host = Asleep();
        host[1] = host[1] with { Lifecycle = lifecycle };
        HostCommand cap = CommandsOf(host.Passes(5).Decide(), 1).Single();
        Assert.That(cap.Kind, Is.EqualTo(HostCommandKind.SetMaxMem));
        Assert.That(cap.Value, Is.EqualTo(KiB.FromMiB(501)));
    }

    [Test]
    public void A_domain_that_wakes_gets_its_promise_back_where_the_memory_is_still_free()
    {
        HostBuilder host = Asleep();
        host.Passes(5).Act();
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        HostCommand cap = CommandsOf(host.Passes(1).Decide(), 1).Single();
        Assert.That(cap.Kind, Is.EqualTo(HostCommandKind.SetMaxMem));
        Assert.That(cap.Value, Is.GreaterThanOrEqualTo(KiB.FromMiB(700)));
    }

    [Test]
    public void A_domain_that_wakes_takes_nothing_that_was_given_to_others_meanwhile()
    {
        HostBuilder host = Asleep();
        host.Passes(5).Act();
        host.With(2, 250, 1024);
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Running };
        Plan plan = host.Passes(1).Decide();
        Assert.That(Of(plan, 1).Target, Is.EqualTo(KiB.FromMiB(500)));
        Assert.That(CommandsOf(plan, 1).Select(command => command.Kind), Does.Not.Contain(HostCommandKind.SetMaxMem));
    }

    [Test]
    public void The_cap_of_a_domain_on_its_way_in_is_left_for_it_to_be_populated()
    {
        HostBuilder host = Asleep();
        host[1] = host[1] with { Lifecycle = DomainLifecycle.Migrating };
        Assert.That(host.Passes(60).Decide().Commands, Is.Empty);
    }

    private static HostBuilder Asleep()
    {
        HostBuilder host = new HostBuilder().With(1, 700, 1024).WithFree(100);
        host[1] = host[1] with { Actual = KiB.FromMiB(500), Lifecycle = DomainLifecycle.Paused };
        host.Decide();
        return host;
    }
}
