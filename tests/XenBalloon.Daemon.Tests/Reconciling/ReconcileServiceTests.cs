using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using XenBalloon.Bus;
using XenBalloon.Bus.Server;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Control;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.Startup;
using XenBalloon.Daemon.State;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Reconciling;

/// <summary>The loop against a host that does what no real one can be made to do on demand.</summary>
public sealed class ReconcileServiceTests
{
    private IXenHost? host;
    private IHostApplicationLifetime? lifetime;
    private ControlRequests? requests;
    private Ending? ending;
    private PrivateBus? bus;
    private ControlBus? control;

    [SetUp]
    public void SetUp()
    {
        host = Substitute.For<IXenHost>();
        lifetime = Substitute.For<IHostApplicationLifetime>();
        requests = new ControlRequests();
        ending = new Ending();
        bus = new PrivateBus();
        control = new ControlBus(new BusOptions { Address = bus.Address }, requests, TimeProvider.System, NullLogger<ControlBus>.Instance);
        host.Description.Returns("a double");
        host.Observe().Returns(_ => Snapshot());
        host.Execute(default).ReturnsForAnyArgs(CommandOutcome.Done);
        host.WaitForChangeAsync(default).ReturnsForAnyArgs(call => Task.Delay(Timeout.Infinite, call.Arg<CancellationToken>()));
    }

    [TearDown]
    public void TearDown()
    {
        control.Dispose();
        bus.Dispose();
        host.Dispose();
    }

    [Test]
    public async Task When_active_it_carries_plans_out()
    {
        using ReconcileService service = await Start(BalancerMode.Active);
        Eventually.Holds(() => Executed() > 0, () => "nothing was written");
        await service.StopAsync(default);
        Assert.That(ending.Status, Is.EqualTo(ExitStatus.Ok));
    }

    [TestCase(BalancerMode.Observe)]
    [TestCase(BalancerMode.Paused)]
    public async Task When_not_active_it_writes_nothing(BalancerMode mode)
    {
        using ReconcileService service = await Start(mode);
        for (int i = 0; i < 5; i++) await requests.BalanceAsync();
        await service.StopAsync(default);
        Assert.That(Executed(), Is.Zero);
    }

    [Test]
    public async Task A_change_of_mode_is_answered_when_it_is_in_force()
    {
        using ReconcileService service = await Start(BalancerMode.Observe);
        await requests.SetModeAsync(BalancerMode.Active);
        Assert.That(Executed(), Is.Positive);
        await service.StopAsync(default);
    }

    [Test]
    public async Task A_look_that_fails_changes_nothing_and_the_next_one_may_succeed()
    {
        using ReconcileService service = await Start(BalancerMode.Observe);
        bool busy = true;
        host.Observe().Returns(_ => Volatile.Read(ref busy) ? throw new IOException("busy") : Snapshot());
        Assert.That(async () => await requests.SetModeAsync(BalancerMode.Active), Throws.InstanceOf<IOException>());
        Volatile.Write(ref busy, false);
        await requests.BalanceAsync();
        Assert.That(Executed(), Is.Positive);
        await service.StopAsync(default);
    }

    [Test]
    public async Task A_lost_host_ends_it_with_a_status_of_its_own()
    {
        using ReconcileService service = await Start(BalancerMode.Active);
        host.Observe().Returns(_ => throw new HostLostException("xenstored is gone"));
        await service.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(ending.Status, Is.EqualTo(ExitStatus.HostLost));
        lifetime.Received().StopApplication();
    }

    [Test]
    public async Task A_host_that_is_lost_while_waiting_ends_it_too()
    {
        host.WaitForChangeAsync(default).ReturnsForAnyArgs(Task.FromException(new HostLostException("xenstored is gone")));
        using ReconcileService service = await Start(BalancerMode.Active);
        await service.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(ending.Status, Is.EqualTo(ExitStatus.HostLost));
    }

    [Test]
    public async Task Looks_that_keep_failing_end_it_in_the_end()
    {
        using ReconcileService service = await Start(BalancerMode.Active);
        host.Observe().Returns(_ => throw new IOException("broken"));
        await service.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(ending.Status, Is.EqualTo(ExitStatus.Failed));
    }

    [Test]
    public async Task Nothing_is_written_before_the_bus_name_is_ours()
    {
        using ReconcileService first = await Start(BalancerMode.Observe);
        using var other = new ControlBus(new BusOptions { Address = bus.Address }, new ControlRequests(), TimeProvider.System, NullLogger<ControlBus>.Instance);
        using ReconcileService second = Create(BalancerMode.Active, other);
        Assert.That(async () => await second.StartAsync(default), Throws.InstanceOf<BusUnavailableException>());
        Assert.That(Executed(), Is.Zero);
        await first.StopAsync(default);
    }

    private async Task<ReconcileService> Start(BalancerMode mode)
    {
        ReconcileService service = Create(mode, control);
        await service.StartAsync(default);
        return service;
    }

    private ReconcileService Create(BalancerMode mode, ControlBus on)
    {
        var configuration = new DaemonConfiguration { Mode = mode, Interval = TimeSpan.FromMilliseconds(200), Balancer = new() { KeepFree = KiB.Zero } };
        var store = new StateStore(null, NullLogger<StateStore>.Instance);
        var reconciler = new Reconciler(host, new PlanApplier(host, NullLogger<PlanApplier>.Instance), configuration, store, TimeProvider.System);
        var manager = new ServiceManager(TimeProvider.System);
        var steering = new Steering(reconciler, store, manager, new DaemonOptions("unused", false, null), NullLogger<Steering>.Instance);
        return new ReconcileService(
            host, reconciler, requests, steering, store, on, manager, ending, TimeProvider.System, lifetime, NullLogger<ReconcileService>.Instance);
    }

    private int Executed() => host.ReceivedCalls().Count(call => call.GetMethodInfo().Name == nameof(IXenHost.Execute));

    /// <summary>A guest that is short of memory on a host that has some: there is always something to be written.</summary>
    private static HostSnapshot Snapshot() => new()
    {
        At = TimeSpan.FromSeconds(Environment.TickCount64 / 1000.0),
        Total = KiB.FromMiB(2048),
        Free = KiB.FromMiB(1024),
        Domains =
        [
            new DomainSnapshot
            {
                Identity = new DomainIdentity(1, Guid.Empty),
                Name = "web",
                Actual = KiB.FromMiB(256),
                Target = KiB.FromMiB(256),
                MaxMem = KiB.FromMiB(257),
                StaticMax = KiB.FromMiB(1024),
                Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(210), KiB.FromMiB(216), TimeSpan.FromSeconds(Environment.TickCount64 / 1000.0)),
            },
        ],
    };
}
