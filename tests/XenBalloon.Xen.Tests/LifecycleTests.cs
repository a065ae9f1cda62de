using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Domains;

namespace XenBalloon.Xen.Tests;

internal sealed class LifecycleTests
{
    private static readonly HypervisorDomain Domain = new() { Identity = new DomainIdentity(5, Guid.NewGuid()) };

    [Test]
    public void A_domain_runs_unless_something_says_otherwise() =>
        Assert.That(DomainObserver.Lifecycle(Domain, built: true), Is.EqualTo(DomainLifecycle.Running));

    [Test]
    public void A_paused_domain_is_paused_once_it_is_built()
    {
        Assert.That(DomainObserver.Lifecycle(Domain with { Paused = true }, built: true), Is.EqualTo(DomainLifecycle.Paused));
        Assert.That(DomainObserver.Lifecycle(Domain with { Paused = true }, built: false), Is.EqualTo(DomainLifecycle.Building));
    }

    [TestCase(0, DomainLifecycle.Shutdown)]
    [TestCase(1, DomainLifecycle.Shutdown)]
    [TestCase(2, DomainLifecycle.Suspended)]
    [TestCase(3, DomainLifecycle.Shutdown)]
    public void A_domain_that_shut_down_did_so_for_a_reason(int reason, DomainLifecycle expected) =>
        Assert.That(DomainObserver.Lifecycle(Domain with { ShutdownReason = reason }, built: true), Is.EqualTo(expected));

    [Test]
    public void Death_comes_before_all_else() =>
        Assert.That(DomainObserver.Lifecycle(Domain with { Dying = true, Paused = true, ShutdownReason = 2 }, built: false), Is.EqualTo(DomainLifecycle.Dying));
}
