using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
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

    /// <summary>Whatever the configured interval is: the unit's watchdog may be shorter.</summary>
    [Test]
    public async Task Watchdog_is_notified_while_nothing_happens()
    {
        DaemonConfiguration rare = Configuration(BalancerMode.Paused) with { Interval = TimeSpan.FromHours(1) };
        daemon = new Daemon(host, lifetime, bus, rare);
        await daemon.Loop.StartAsync(default);
        Eventually.Holds(() => SignsOfLife() >= 3, () => $"{SignsOfLife()} signs of life");

        int SignsOfLife() => daemon!.Notifier.ReceivedCalls().Count(call =>
            call.GetArguments() is [ServiceState state] && state.ToString() == "WATCHDOG=1");
    }

    [Test]
    public async Task Stop_is_forced_if_the_host_hangs()
    {
        using var stopping = new CancellationTokenSource();
        using var hung = new ManualResetEventSlim();
        lifetime.ApplicationStopping.Returns(stopping.Token);
        await Start(BalancerMode.Active);
        host.Observe().Returns(_ =>
        {
            hung.Wait();
            return Snapshot();
        });
        Task balanced = daemon!.Control.BalanceAsync();

        await stopping.CancelAsync();
        Eventually.Holds(() => daemon.Exits > 0, () => "the stop was not forced");
        hung.Set();
        await daemon.Loop.StopAsync(default);
        Assert.That(daemon.Exits, Is.EqualTo(1));
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
            Is.EqualTo("the mode is observe: xl may shrink dom0: do this"));
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
    public async Task Each_request_is_made_in_the_name_of_its_requester()
    {
        await Start(BalancerMode.Active);
        await daemon!.Control.OnBehalfOf("alice (busctl, process 7)").SetModeAsync(BalancerMode.Observe);
        await daemon.Control.SetModeAsync(BalancerMode.Active);

        Assert.That(
            daemon.Requests.Lines,
            Is.EqualTo(new[]
            {
                "mode changed to observe by alice (busctl, process 7)", "mode changed to active by xenballoond",
            }));
    }

    [Test]
    public async Task Request_is_answered_by_the_first_pass_that_succeeds()
    {
        await Start(BalancerMode.Observe);
        bool busy = true;
        int failures = 0;
        host.Observe().Returns(_ => Volatile.Read(ref busy) ? throw Failure() : Snapshot());
        Task change = daemon!.Control.SetModeAsync(BalancerMode.Active);
        Assert.That(() => Volatile.Read(ref failures), Is.GreaterThanOrEqualTo(2).After(30_000, 10));
        Assert.That(change.IsCompleted, Is.False);
        Volatile.Write(ref busy, false);
        await change.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(Executed(), Is.Positive);
        await daemon.Loop.StopAsync(default);

        IOException Failure()
        {
            Interlocked.Increment(ref failures);
            return new IOException("busy");
        }
    }

    [Test]
    public async Task Request_fails_with_the_last_of_too_many_passes()
    {
        await Start(BalancerMode.Observe);
        host.Observe().Returns(_ => throw new IOException("broken"));
        Task change = daemon!.Control.SetModeAsync(BalancerMode.Active);
        await Assert.ThatAsync(
            async () => await change.WaitAsync(TimeSpan.FromSeconds(60)), Throws.InstanceOf<IOException>());
        await daemon.Loop.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(daemon.Loop.ExitStatus, Is.EqualTo(ExitStatus.Failed));
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
        using var second = new Daemon(host, lifetime, bus, Configuration(BalancerMode.Active));
        Assert.That(async () => await second.Loop.StartAsync(default), Throws.InstanceOf<BusUnavailableException>());
        Assert.That(Executed(), Is.Zero);
        await daemon!.Loop.StopAsync(default);
    }

    [Test]
    public async Task Host_smaller_than_the_configuration_assumes_is_refused()
    {
        var configuration = new DaemonConfiguration
        {
            Path = "x.conf",
            Balancer = new() { KeepFree = KiB.FromMiB(4096) },
        };
        daemon = new Daemon(host, lifetime, bus, configuration);

        Assert.That(async () => await daemon.Loop.StartAsync(default), Throws.InstanceOf<ConfigurationException>()
            .With.Message.EqualTo("x.conf: keep-free 4096 MiB is not below this host's memory, 2048 MiB: lower it"));
    }

    [Test]
    public async Task Restoration_is_answered_when_it_is_over_and_the_mode_is_paused()
    {
        host.Observe().Returns(_ => Snapshot() with { Domains = [] });
        await Start(BalancerMode.Active);

        Assert.That(await daemon!.Control.RestoreAsync(TimeSpan.FromSeconds(60)), Is.Empty);

        Assert.That(daemon.Balancer.Latest.Mode, Is.EqualTo(BalancerMode.Paused));
        await daemon.Loop.StopAsync(default);
    }

    [TestCase(BalancerMode.Paused, true)]
    [TestCase(BalancerMode.Observe, false)]
    public async Task Boot_memory_is_restored_at_the_stop_unless_the_mode_is_observe(BalancerMode mode, bool restores)
    {
        KiB target = KiB.FromMiB(256);
        host.Observe().Returns(_ => Snapshot() with
        {
            Domains =
            [
                Snapshot().Domains[0] with
                {
                    Actual = target, Target = target, MaxMem = KiB.FromMiB(1024), BootMemory = KiB.FromMiB(512),
                },
            ],
        });
        daemon = new Daemon(host, lifetime, bus, Configuration(mode) with { OnStop = StopAction.Restore });
        await daemon.Loop.StartAsync(default);
        await daemon.Control.BalanceAsync(); // a loop that is stopped before its first pass has nothing to restore
        host.Execute(default).ReturnsForAnyArgs(call =>
        {
            var command = call.Arg<HostCommand>();
            if (command.Kind == HostCommandKind.SetTarget) target = command.Value;
            return CommandOutcome.Done;
        });

        await daemon.Loop.StopAsync(default);

        Assert.That(target, Is.EqualTo(KiB.FromMiB(restores ? 512 : 256)));
        Assert.That(
            daemon.Log.Lines,
            Has.Exactly(restores ? 1 : 0).EndsWith(
                "for at most 20 s; then xenballoond ends (requested by on-stop = restore)"));
        Assert.That(daemon.Loop.ExitStatus, Is.EqualTo(ExitStatus.Ok));
    }

    [Test]
    public async Task Setting_that_is_not_in_force_is_logged_once()
    {
        var rule = new DomainRule("web", new DomainSettings { Minimum = KiB.FromMiB(1500) });
        DaemonConfiguration configuration = Configuration(BalancerMode.Observe);
        daemon = new Daemon(host, lifetime, bus, configuration.With(balancer => balancer with { Rules = [rule] }));
        await daemon.Loop.StartAsync(default);
        for (int i = 0; i < 5; i++) await daemon.Control.BalanceAsync();
        await daemon.Loop.StopAsync(default);

        Assert.That(daemon.Log.Lines.Where(line => line.Contains("is above", StringComparison.Ordinal)), Is.EqualTo(
            new[]
            {
                "web (1): min 1500 MiB ([domain \"web\"]) is above its maximum, 1024 MiB: 1024 MiB is in force",
            }));
    }

    [TestCase(true, null, "alarm: a domain needs more memory than can be freed: add memory, lower the minimum")]
    [TestCase(true, 1000, "alarm: the minimums of the domains exceed the host's memory, so no memory is moved: lower")]
    [TestCase(false, null, "alarm: less memory than 'slack' is free, and no domain can give any up: stop a domain")]
    public async Task Alarm_is_logged_with_what_to_do(bool isManaged, int? minimumMib, string text)
    {
        var rule = new DomainRule("web", new DomainSettings
        {
            Managed = isManaged,
            Minimum = minimumMib is { } mib ? KiB.FromMiB(mib) : null,
        });
        TimeSpan now = TimeSpan.Zero;
        host.Observe().Returns(_ => Snapshot(now += TimeSpan.FromSeconds(15), KiB.FromMiB(1)));
        DaemonConfiguration configuration = Configuration(BalancerMode.Active);
        daemon = new Daemon(host, lifetime, bus, configuration.With(balancer => balancer with { Rules = [rule] }));
        await daemon.Loop.StartAsync(default);
        for (int i = 0; i < 3; i++) await daemon.Control.BalanceAsync();
        host.Observe().Returns(_ => Snapshot(now += TimeSpan.FromSeconds(15), KiB.FromMiB(2000)));
        for (int i = 0; i < 3; i++) await daemon.Control.BalanceAsync();
        await daemon.Loop.StopAsync(default);

        string[] alarms = [.. daemon.Log.Lines.Where(line => line.StartsWith("alarm", StringComparison.Ordinal))];
        Assert.That(alarms, Has.Length.EqualTo(2));
        Assert.That(alarms[0], Does.StartWith(text));
        Assert.That(alarms[1], Is.EqualTo("alarm cleared"));
    }

    [Test]
    public async Task Alarm_of_a_domain_is_logged_with_what_to_do_and_cleared_when_it_has_ended()
    {
        TimeSpan now = TimeSpan.Zero;
        host.Observe().Returns(_ => Snapshot(now += TimeSpan.FromSeconds(15), KiB.FromMiB(1)));
        await Start(BalancerMode.Active);
        for (int i = 0; i < 3; i++) await daemon!.Control.BalanceAsync();
        host.Observe().Returns(_ => Snapshot(now += TimeSpan.FromSeconds(15), KiB.FromMiB(1)) with { Domains = [] });
        for (int i = 0; i < 2; i++) await daemon!.Control.BalanceAsync();
        await daemon!.Loop.StopAsync(default);

        const string Alarm = "web (1): alarm short-of-memory";
        string[] alarms = [.. daemon.Log.Lines.Where(line => line.StartsWith(Alarm, StringComparison.Ordinal))];
        Assert.That(alarms, Has.Length.EqualTo(2));
        Assert.That(alarms[0], Does.StartWith($"{Alarm}: kept at 256 MiB: all of it is in use"));
        Assert.That(alarms[0], Does.EndWith("; raise its maximum or its pin if it is at that; "
            + "else raise its weight, add memory, or stop another domain"));
        Assert.That(alarms[1], Is.EqualTo($"{Alarm} cleared"));
    }

    private static DaemonConfiguration Configuration(BalancerMode mode) => new()
    {
        Mode = mode,
        Interval = TimeSpan.FromMilliseconds(200),
        Balancer = new() { KeepFree = KiB.Zero },
    };

    private Task Start(BalancerMode mode, string? refusal = null)
    {
        daemon = new Daemon(host, lifetime, bus, Configuration(mode) with { ActiveRefusal = refusal });
        return daemon.Loop.StartAsync(default);
    }

    private int Executed() =>
        host.ReceivedCalls().Count(call => call.GetMethodInfo().Name == nameof(IXenHost.Execute));

    /// <summary>A guest that lacks memory on a host with free memory: every plan has commands.</summary>
    private static HostSnapshot Snapshot() =>
        Snapshot(TimeSpan.FromSeconds(Environment.TickCount64 / 1000.0), KiB.FromMiB(1024));

    private static HostSnapshot Snapshot(TimeSpan now, KiB free) => new()
    {
        At = now,
        Total = KiB.FromMiB(2048),
        Free = free,
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
                    KiB.FromMiB(216),
                    KiB.FromMiB(216),
                    now),
            },
        ],
    };

    /// <summary>A loop and what it consists of.</summary>
    private sealed class Daemon : IDisposable
    {
        private readonly ControlBus bus;
        private int exits;

        internal Daemon(
            IXenHost host,
            IHostApplicationLifetime lifetime,
            PrivateBus privateBus,
            DaemonConfiguration configuration)
        {
            TimeProvider time = TimeProvider.System;
            var store = new StateStore(null, NullLogger<StateStore>.Instance);
            var applier = new PlanApplier(host, NullLogger<PlanApplier>.Instance);
            Balancer = new HostBalancer(host, applier, configuration, store, time);
            var manager = new ServiceNotifier(time, Notifier) { WatchdogInterval = TimeSpan.FromMilliseconds(50) };
            var signal = new LoopSignal();
            var queue = new RequestQueue(signal);
            var handler = new RequestHandler(
                Balancer,
                store,
                manager,
                new ActiveGuard(() => Dom0Facts.Unknown),
                Requests);
            Control = new QueuedControl(queue, handler);
            var options = new BusOptions { Address = privateBus.Address };
            bus = new ControlBus(options, Control, time, NullLogger<ControlBus>.Instance);
            Loop = new BalancingLoop(
                host,
                Balancer,
                signal,
                queue,
                Control,
                store,
                bus,
                manager,
                new StopDeadline(time, () => Interlocked.Increment(ref exits)),
                time,
                lifetime,
                Log);
        }

        internal int Exits => exits;

        internal ISystemdNotifier Notifier { get; } = Substitute.For<ISystemdNotifier>();

        internal HostBalancer Balancer { get; }

        internal QueuedControl Control { get; }

        internal BalancingLoop Loop { get; }

        internal RecordingLogger<BalancingLoop> Log { get; } = new();

        internal RecordingLogger<RequestHandler> Requests { get; } = new();

        public void Dispose()
        {
            Loop.Dispose();
            bus.Dispose();
        }
    }
}
