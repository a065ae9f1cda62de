using System.Diagnostics;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>What ends: xenstored, the host, a domain.</summary>
internal sealed class HostLossTests(string daemon) : XenStoreTest(daemon)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Test]
    public void Death_of_xenstored_ends_the_wait_and_every_later_call()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();
        AwaitEvents();
        Host.Observe();
        Task change = Host.WaitForChangeAsync(CancellationToken.None);

        long start = Stopwatch.GetTimestamp();
        Daemon.Kill();

        Assert.That(async () => await change.WaitAsync(Limit), Throws.TypeOf<HostLostException>());
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Limit));
        Assert.That(() => Host.Observe(), Throws.TypeOf<HostLostException>());
        Assert.That(() => SetTarget(domain, 100_000), Throws.TypeOf<HostLostException>());
        Task next = Host.WaitForChangeAsync(CancellationToken.None);
        Assert.That(async () => await next.WaitAsync(Limit), Throws.TypeOf<HostLostException>());
    }

    /// <summary>A xenstored in a domain of its own has no socket that could be watched.</summary>
    [Test]
    public void Death_of_a_xenstored_without_a_socket_ends_the_wait()
    {
        (XenStoreConnection requests, XenStoreConnection watches) = (Connect(), Connect());
        Toolstack.UseSocket(Path.Combine(Daemon.Home, "missing"));
        using XenHost host = OpenHost(requests, watches);
        Eventually.True(() => host.WatchEvents >= 2, "each watch fires when it is set");
        host.Observe();
        Task change = host.WaitForChangeAsync(CancellationToken.None);

        Daemon.Kill();

        Assert.That(async () => await change.WaitAsync(Limit * 6), Throws.TypeOf<HostLostException>());
        Assert.That(() => host.Observe(), Throws.TypeOf<HostLostException>());
    }

    [Test]
    public void Death_of_xenstored_soon_fails_a_snapshot()
    {
        Create(Describe(5));
        Host.Observe();
        Daemon.Kill();

        Eventually.True(IsLost, "the host is lost");
    }

    [Test]
    public void Death_of_xenstored_fails_a_write_at_once()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();
        Daemon.Kill();

        Assert.That(() => SetTarget(domain, 100_000), Throws.TypeOf<HostLostException>());
    }

    [Test]
    public void Host_can_be_disposed_at_any_time()
    {
        Create(Describe(5));
        Host.Observe();

        long start = Stopwatch.GetTimestamp();
        Host.Dispose();

        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Limit));
        Assert.That(() => Host.Observe(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Hypervisor.Calls, Is.EqualTo(new[] { "dispose" }));
    }

    [Test]
    public void Destroyed_domain_ends_the_wait_and_is_no_longer_shown()
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
