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
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.Loop;
using XenBalloon.Daemon.State;
using XenBalloon.Daemon.Tests.Logging;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Loop;

/// <summary>The loop on a substitute host, which fails on demand.</summary>
internal sealed class BalancingLoopTests
{
    private IXenHost host;
    private IHostApplicationLifetime lifetime;
    private PrivateBus bus;
    private Daemon? daemon;

    [SetUp]
    public void SetUp()
    {
        host = Substitute.For<IXenHost>();
        lifetime = Substitute.For<IHostApplicationLifetime>();
        bus = new PrivateBus();
        host.Description.Returns("a substitute");
        host.Observe().Returns(_ => Snapshot());
        host.Execute(default).ReturnsForAnyArgs(CommandOutcome.Done);
        host.WaitForChangeAsync(default).ReturnsForAnyArgs(
            call => Task.Delay(Timeout.Infinite, call.Arg<CancellationToken>()));
    }

    [TearDown]
    public void TearDown()
    {
        daemon?.Dispose();
        bus.Dispose();
        host.Dispose();
    }

    [Test]
    public async Task Mode_active_carries_plans_out()
    {
        await Start(BalancerMode.Active);
        Eventually.Holds(() => Executed() > 0, () => "nothing was written");
        await daemon!.Loop.StopAsync(default);
        Assert.That(daemon.Loop.ExitStatus, Is.EqualTo(ExitStatus.Ok));
    }

    [TestCase(BalancerMode.Observe)]
    [TestCase(BalancerMode.Paused)]
    public async Task Other_modes_write_nothing(BalancerMode mode)
    {
        await Start(mode);
        for (int i = 0; i < 5; i++) await daemon!.Control.BalanceAsync();
        await daemon!.Loop.StopAsync(default);
        Assert.That(Executed(), Is.Zero);
    }

    [Test]
    public async Task Refused_mode_active_observes_and_the_log_has_the_reason()
    {
        await Start(BalancerMode.Active, refusal: "xl may shrink dom0: do this");
        for (int i = 0; i < 5; i++) await daemon!.Control.BalanceAsync();
        await daemon!.Loop.StopAsync(default);

        Assert.That(Executed(), Is.Zero);
        Assert.That(
            daemon.Log.Lines[1],
            Is.EqualTo("mode active refused, observing instead: xl may shrink dom0: do this"));
    }

    [Test]
    public async Task Mode_change_is_answered_when_it_is_in_force()
    {
        await Start(BalancerMode.Observe);
        await daemon!.Control.SetModeAsync(BalancerMode.Active);
        Assert.That(Executed(), Is.Positive);
        await daemon.Loop.StopAsync(default);
    }

    [Test]
    public async Task Failed_pass_refuses_its_requests_and_the_next_pass_may_succeed()
    {
        await Start(BalancerMode.Observe);
        bool busy = true;
        host.Observe().Returns(_ => Volatile.Read(ref busy) ? throw new IOException("busy") : Snapshot());
        Task change = daemon!.Control.SetModeAsync(BalancerMode.Active);
        Assert.That(async () => await change, Throws.InstanceOf<IOException>());
        Volatile.Write(ref busy, false);
        await daemon.Control.BalanceAsync();
        Assert.That(Executed(), Is.Positive);
        await daemon.Loop.StopAsync(default);
    }

    [Test]
    public async Task Lost_host_ends_the_loop_with_its_own_exit_status()
    {
        await Start(BalancerMode.Active);
        host.Observe().Returns(_ => throw new HostLostException("xenstored is gone"));
        await daemon!.Loop.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(daemon.Loop.ExitStatus, Is.EqualTo(ExitStatus.HostLost));
        lifetime.Received().StopApplication();
    }

    [Test]
    public async Task Host_lost_while_waiting_ends_the_loop_too()
    {
        Task lost = Task.FromException(new HostLostException("xenstored is gone"));
        host.WaitForChangeAsync(default).ReturnsForAnyArgs(lost);
        await Start(BalancerMode.Active);
        await daemon!.Loop.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(daemon.Loop.ExitStatus, Is.EqualTo(ExitStatus.HostLost));
    }

    [Test]
    public async Task Passes_that_keep_failing_end_the_loop()
    {
        await Start(BalancerMode.Active);
        host.Observe().Returns(_ => throw new IOException("broken"));
        await daemon!.Loop.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(daemon.Loop.ExitStatus, Is.EqualTo(ExitStatus.Failed));
    }

    [Test]
    public async Task Nothing_is_written_without_the_bus_name()
    {
        await Start(BalancerMode.Observe);
        using var second = new Daemon(host, lifetime, bus, BalancerMode.Active, refusal: null);
        Assert.That(async () => await second.Loop.StartAsync(default), Throws.InstanceOf<BusUnavailableException>());
        Assert.That(Executed(), Is.Zero);
        await daemon!.Loop.StopAsync(default);
    }

    private Task Start(BalancerMode mode, string? refusal = null)
    {
        daemon = new Daemon(host, lifetime, bus, mode, refusal);
        return daemon.Loop.StartAsync(default);
    }

    private int Executed() =>
        host.ReceivedCalls().Count(call => call.GetMethodInfo().Name == nameof(IXenHost.Execute));

    /// <summary>A guest that lacks memory on a host with free memory: every plan has commands.</summary>
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
                Report = new GuestReport(
                    ReportSource.XenServer,
                    KiB.FromMiB(210),
                    KiB.FromMiB(216),
                    TimeSpan.FromSeconds(Environment.TickCount64 / 1000.0)),
            },
        ],
    };

    /// <summary>A loop and what it consists of.</summary>
    private sealed class Daemon : IDisposable
    {
        private readonly ControlBus bus;

        internal Daemon(
            IXenHost host,
            IHostApplicationLifetime lifetime,
            PrivateBus privateBus,
            BalancerMode mode,
            string? refusal)
        {
            var configuration = new DaemonConfiguration
            {
                Mode = mode,
                ActiveRefusal = refusal,
                Interval = TimeSpan.FromMilliseconds(200),
                Balancer = new() { KeepFree = KiB.Zero },
            };
            TimeProvider time = TimeProvider.System;
            var store = new StateStore(null, NullLogger<StateStore>.Instance);
            var applier = new PlanApplier(host, NullLogger<PlanApplier>.Instance);
            var balancer = new HostBalancer(host, applier, configuration, store, time);
            var manager = new ServiceNotifier(time);
            var queue = new RequestQueue();
            var handler = new RequestHandler(
                balancer,
                store,
                manager,
                new ActiveGuard(() => Dom0Facts.Unknown),
                NullLogger<RequestHandler>.Instance);
            Control = new QueuedControl(queue, handler);
            var options = new BusOptions { Address = privateBus.Address };
            bus = new ControlBus(options, Control, time, NullLogger<ControlBus>.Instance);
            Loop = new BalancingLoop(
                host,
                balancer,
                queue,
                Control,
                store,
                bus,
                manager,
                time,
                lifetime,
                Log);
        }

        internal QueuedControl Control { get; }

        internal BalancingLoop Loop { get; }

        internal RecordingLogger<BalancingLoop> Log { get; } = new();

        public void Dispose()
        {
            Loop.Dispose();
            bus.Dispose();
        }
    }
}
