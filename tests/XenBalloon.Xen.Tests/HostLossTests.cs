using System.Diagnostics;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class HostLossTests(string daemon) : XenStoreTest(daemon)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Test]
    public void The_death_of_xenstored_ends_the_wait_and_everything_else()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();
        AwaitEvents();
        Host.Observe();
        Task change = Host.WaitForChangeAsync(CancellationToken.None);

        long start = Stopwatch.GetTimestamp();
        Daemon.Kill();

        Assert.That(async () => await change.WaitAsync(Bound), Throws.TypeOf<HostLostException>());
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Bound));
        Assert.That(() => Host.Observe(), Throws.TypeOf<HostLostException>());
        Assert.That(() => SetTarget(domain, 100_000), Throws.TypeOf<HostLostException>());
        Assert.That(async () => await Host.WaitForChangeAsync(CancellationToken.None).WaitAsync(Bound), Throws.TypeOf<HostLostException>());
    }

    [Test]
    public void The_death_of_xenstored_shows_soon_to_who_looks()
    {
        Create(Describe(5));
        Host.Observe();
        Daemon.Kill();

        Eventually.True(IsLost, "the host is lost");
    }

    [Test]
    public void The_death_of_xenstored_shows_at_once_to_who_writes()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();
        Daemon.Kill();

        Assert.That(() => SetTarget(domain, 100_000), Throws.TypeOf<HostLostException>());
    }

    [Test]
    public void A_host_can_be_left_at_any_time()
    {
        Create(Describe(5));
        Host.Observe();

        long start = Stopwatch.GetTimestamp();
        Host.Dispose();

        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Bound));
        Assert.That(() => Host.Observe(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Hypervisor.Calls, Is.EqualTo(new[] { "dispose" }));
    }

    [Test]
    public void A_domain_that_is_gone_is_shown_no_more()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Assert.That(Snapshot(domain).Target, Is.EqualTo(new KiB(domain.TargetKiB)));
        AwaitEvents();
        Host.Observe();
        Task change = Host.WaitForChangeAsync(CancellationToken.None);

        Toolstack.LetDie(domain);
        Hypervisor.Remove(domain.Domid);

        Assert.That(async () => await change.WaitAsync(TimeSpan.FromSeconds(20)), Throws.Nothing, "@releaseDomain");
        Assert.That(Host.Observe().Domains, Is.Empty);
    }

    private bool IsLost()
    {
        try
        {
            Host.Observe();
            return false;
        }
        catch (HostLostException)
        {
            return true;
        }
    }
}
