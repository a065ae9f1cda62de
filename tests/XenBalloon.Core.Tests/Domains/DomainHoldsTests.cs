using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Domains;

/// <summary>Domains that clients hold while they save or migrate them.</summary>
public sealed class DomainHoldsTests
{
    private static readonly DomainIdentity Held = new(1, HostBuilder.Uuid(1)), Other = new(2, HostBuilder.Uuid(2));

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(100);

    [TestCase(DomainLifecycle.Running, DomainLifecycle.Migrating)]
    [TestCase(DomainLifecycle.Paused, DomainLifecycle.Migrating)]
    [TestCase(DomainLifecycle.Suspended, DomainLifecycle.Migrating)]
    [TestCase(DomainLifecycle.Building, DomainLifecycle.Building)]
    [TestCase(DomainLifecycle.Shutdown, DomainLifecycle.Shutdown)]
    [TestCase(DomainLifecycle.Dying, DomainLifecycle.Dying)]
    public void Held_domain_that_has_a_size_is_migrating(DomainLifecycle lifecycle, DomainLifecycle shown)
    {
        DomainHolds holds = DomainHolds.None.Hold(Held, ":1.5", Start);
        Assert.That(Shown(holds, lifecycle), Is.EqualTo(shown));
    }

    [Test]
    public void Other_domains_are_shown_as_they_are()
    {
        DomainHolds holds = DomainHolds.None.Hold(Other, ":1.5", Start);
        Assert.That(Shown(holds), Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Domain_is_held_until_each_client_has_released_it()
    {
        DomainHolds holds = DomainHolds.None.Hold(Held, ":1.5", Start).Hold(Held, ":1.7", Start);
        holds = holds.Release(Held, ":1.5").Release(Other, ":1.7").Release(Held, ":1.9");
        Assert.That(Shown(holds), Is.EqualTo(DomainLifecycle.Migrating));
        Assert.That(Shown(holds.Release(Held, ":1.7")), Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Client_that_leaves_releases_what_it_held()
    {
        DomainHolds holds = DomainHolds.None.Hold(Held, ":1.5", Start).Hold(Other, ":1.7", Start);
        Assert.That(holds.OwnerLeft(":1.5").Open.Single().Domain, Is.EqualTo(Other));
    }

    [Test]
    public void Hold_ends_after_the_longest_time_since_it_was_last_requested()
    {
        DomainHolds holds = DomainHolds.None.Hold(Held, ":1.5", Start)
            .Hold(Held, ":1.5", Start + TimeSpan.FromMinutes(1));
        TimeSpan end = Start + TimeSpan.FromMinutes(1) + DomainHolds.Longest;
        Assert.That(holds.Update(Host(end - TimeSpan.FromSeconds(1))).Open, Has.Length.EqualTo(1));
        Assert.That(holds.Update(Host(end)).Open, Is.Empty);
    }

    [Test]
    public void Hold_ends_with_its_domain()
    {
        DomainHolds holds = DomainHolds.None.Hold(Held with { Uuid = HostBuilder.Uuid(7) }, ":1.5", Start);
        Assert.That(holds.Update(Host(Start)).Open, Is.Empty, "the domid belongs to another domain");
    }

    [Test]
    public void Nothing_is_copied_while_no_domain_is_held()
    {
        HostSnapshot host = Host(Start);
        Assert.That(DomainHolds.None.Apply(host), Is.SameAs(host));
    }

    private static DomainLifecycle Shown(
        DomainHolds holds, DomainLifecycle lifecycle = DomainLifecycle.Running) =>
        holds.Apply(Host(Start, lifecycle)).Domains.Single().Lifecycle;

    private static HostSnapshot Host(TimeSpan at, DomainLifecycle lifecycle = DomainLifecycle.Running)
    {
        HostBuilder host = new HostBuilder().With(1, 900, 1024).WithFree(100);
        host[1] = host[1] with { Lifecycle = lifecycle };
        return host.Snapshot() with { At = at, Free = KiB.FromMiB(100) };
    }
}
