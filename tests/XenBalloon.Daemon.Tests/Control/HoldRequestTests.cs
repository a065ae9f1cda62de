using XenBalloon.Bus;
using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;

namespace XenBalloon.Daemon.Tests.Control;

/// <summary>Domains that are left alone while they are saved or migrated.</summary>
public sealed class HoldRequestTests : RequestHandlerTests
{
    [Test]
    public void Held_domain_is_left_alone_until_it_is_released()
    {
        Handler.Hold(Web, ":1.5");

        DomainDecision held = Balancer.MakePlan().Find(Web)!;
        Assert.That(
            (held.Domain.Lifecycle, held.Reason.Kind),
            Is.EqualTo((DomainLifecycle.Migrating, ReasonKind.Migrating)));
        Assert.That(Balancer.Latest.Holds.Single().Owner, Is.EqualTo(":1.5"));
        Assert.That(Log.Lines, Is.EqualTo(new[] { "web (3): left alone while xenballoond saves or migrates it" }));

        Handler.Release(Web, ":1.5");
        Assert.That(Balancer.MakePlan().Find(Web)!.Domain.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Client_that_leaves_releases_the_domain_that_it_held()
    {
        Handler.Hold(Web, ":1.5");
        Handler.OwnerLeft(":1.5");
        Assert.That(Balancer.MakePlan().Find(Web)!.Domain.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Only_a_guest_that_exists_is_held()
    {
        Refused(ControlError.NoSuchDomain, () => Handler.Hold(Missing, ":1.5"), "'xenballoon list'");
        Refused(ControlError.NoSuchDomain, () => Handler.Release(Missing, ":1.5"), "'xenballoon list'");
        Refused(ControlError.InvalidArgument, () => Handler.Hold(new DomainIdentity(0, Guid.Empty), ":1.5"), "dom0");
    }
}
