using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

[CancelAfter(10_000)]
public sealed class WaitTests
{
    private static readonly GuestDescription Mute = VirtualHost.Guest() with { Reporting = ReportingDescription.Silent };

    [Test]
    public async Task A_report_wakes_whoever_waits(CancellationToken timeout)
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        Task change = host.Host.WaitForChangeAsync(timeout);
        bool atOnce = change.IsCompleted;
        host.Run(1.5);
        await change;
        Assert.Multiple(() =>
        {
            Assert.That(atOnce, Is.False);
            Assert.That(host.Domain().Report, Is.Not.Null);
        });
    }

    [Test]
    public void What_has_changed_before_the_wait_ends_it_at_once(CancellationToken timeout)
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        host.Run(1.5);
        Assert.That(host.Host.WaitForChangeAsync(timeout).IsCompleted, Is.True);
        host.Host.Observe();
        Assert.That(host.Host.WaitForChangeAsync(timeout).IsCompleted, Is.False);
    }

    [Test]
    public async Task A_domain_that_comes_or_goes_wakes_whoever_waits(CancellationToken timeout)
    {
        GuestDescription visitor = Mute with { CreatedAt = TimeSpan.FromSeconds(10), Events = [new GuestEvent(TimeSpan.FromSeconds(40), GuestEventKind.Destroy)] };
        using var host = new VirtualHost(visitor);
        var seen = new List<DomainLifecycle?>();
        while (host.Host.Observe().At < TimeSpan.FromSeconds(40.5))
        {
            Task change = host.Host.WaitForChangeAsync(timeout);
            while (!change.IsCompleted && host.Host.Report().Simulated < TimeSpan.FromSeconds(60)) host.Run(0.1);
            await change;
            seen.Add(host.Find("guest")?.Lifecycle);
        }

        // Created, built, booted, dying, gone.
        Assert.That(seen, Is.EqualTo(new DomainLifecycle?[]
        {
            DomainLifecycle.Building, DomainLifecycle.Running, DomainLifecycle.Running, DomainLifecycle.Dying, null,
        }));
    }

    [Test]
    public async Task A_target_that_somebody_else_writes_wakes_whoever_waits(CancellationToken timeout)
    {
        using var host = new VirtualHost(Mute with { Events = [new GuestEvent(TimeSpan.FromSeconds(3), GuestEventKind.SetTarget, KiB.FromMiB(400))] });
        Task change = host.Host.WaitForChangeAsync(timeout);
        host.Run(3.1);
        await change;
        Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(400)));
    }

    [Test]
    public void Our_own_commands_wake_nobody(CancellationToken timeout)
    {
        using var host = new VirtualHost(Mute);
        host.Resize(600);
        host.Run(10);
        Assert.That(host.Host.WaitForChangeAsync(timeout).IsCompleted, Is.False);
    }

    [Test]
    public async Task A_wait_can_be_cancelled()
    {
        using var host = new VirtualHost(Mute);
        using var cancellation = new CancellationTokenSource();
        Task change = host.Host.WaitForChangeAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => change);
    }

    [Test]
    public async Task A_wait_ends_when_the_host_is_disposed_of()
    {
        using var host = new VirtualHost(Mute);
        Task change = host.Host.WaitForChangeAsync(CancellationToken.None);
        host.Dispose();
        await Assert.ThrowsAsync<TaskCanceledException>(() => change);
        Assert.Throws<ObjectDisposedException>(() => host.Host.Observe());
    }
}
