using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Hosts;

[CancelAfter(10_000)]
public sealed class SimulatedHostTests
{
    private static readonly GuestDescription Silent =
        VirtualHost.Guest() with { Reporting = ReportingDescription.Silent };

    [Test]
    public void Description_names_the_scenario()
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        Assert.That(host.Host.Description, Is.EqualTo("simulated (test)"));
    }

    [Test]
    public void Invalid_scenario_is_refused_with_all_its_problems()
    {
        GuestDescription guest = VirtualHost.Guest();
        Scenario scenario = VirtualHost.Hosting(guest, guest with { StaticMax = KiB.FromMiB(256) });
        scenario = scenario with { HostTotal = KiB.FromMiB(1024) };
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new VirtualHost(scenario).Dispose())!;
        Assert.That(refused.Message, Does.Contain("duplicate guest name guest")
            .And.Contain("exceeds the static maximum").And.Contain("the host has 1024 MiB"));
    }

    [Test]
    public async Task Report_completes_a_wait(CancellationToken timeout)
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
    public void Earlier_change_completes_a_wait_at_once(CancellationToken timeout)
    {
        using var host = new VirtualHost(VirtualHost.Guest());
        host.Run(1.5);
        Assert.That(host.Host.WaitForChangeAsync(timeout).IsCompleted, Is.True);
        host.Host.Observe();
        Assert.That(host.Host.WaitForChangeAsync(timeout).IsCompleted, Is.False);
    }

    [Test]
    public async Task Changes_in_the_life_of_a_domain_complete_a_wait(CancellationToken timeout)
    {
        GuestDescription visitor = Silent with
        {
            CreatedAt = TimeSpan.FromSeconds(10),
            Events = [new GuestEvent(TimeSpan.FromSeconds(40), GuestEventKind.Destroy)],
        };
        using var host = new VirtualHost(visitor);
        var seen = new List<DomainLifecycle?>();
        while (host.Host.Observe().At < TimeSpan.FromSeconds(40.5))
        {
            Task change = host.Host.WaitForChangeAsync(timeout);
            while (!change.IsCompleted && host.Host.Report().Simulated < TimeSpan.FromSeconds(60)) host.Run(0.1);
            await change;
            seen.Add(host.Find("guest")?.Lifecycle);
        }

        // Created, built, booted, dying, destroyed.
        Assert.That(seen, Is.EqualTo(new DomainLifecycle?[]
        {
            DomainLifecycle.Building, DomainLifecycle.Running, DomainLifecycle.Running, DomainLifecycle.Dying, null,
        }));
    }

    [Test]
    public async Task Target_written_by_another_tool_completes_a_wait(CancellationToken timeout)
    {
        var memSet = new GuestEvent(TimeSpan.FromSeconds(3), GuestEventKind.SetTarget, KiB.FromMiB(400));
        using var host = new VirtualHost(Silent with { Events = [memSet] });
        Task change = host.Host.WaitForChangeAsync(timeout);
        host.Run(3.1);
        await change;
        Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(400)));
    }

    [Test]
    public void Own_commands_do_not_complete_a_wait(CancellationToken timeout)
    {
        using var host = new VirtualHost(Silent);
        host.Resize(600);
        host.Run(10);
        Assert.That(host.Host.WaitForChangeAsync(timeout).IsCompleted, Is.False);
    }

    [Test]
    public async Task Wait_can_be_cancelled()
    {
        using var host = new VirtualHost(Silent);
        using var cancellation = new CancellationTokenSource();
        Task change = host.Host.WaitForChangeAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => change);
    }

    [Test]
    public async Task Wait_is_cancelled_when_the_host_is_disposed()
    {
        using var host = new VirtualHost(Silent);
        Task change = host.Host.WaitForChangeAsync(CancellationToken.None);
        host.Dispose();
        await Assert.ThrowsAsync<TaskCanceledException>(() => change);
        Assert.Throws<ObjectDisposedException>(() => host.Host.Observe());
    }
}
