using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class SnapshotTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void Snapshot_combines_the_hypervisor_and_xenstore()
    {
        TestDomain domain = Describe(5) with { Name = "web1", TargetKiB = 200_000, StaticMaxKiB = 400_000 };
        Create(domain);
        Toolstack.Write($"{domain.Home}/memory/videoram", "8192");
        Toolstack.Write($"{domain.Home}/memory/dynamic-min", "100000");
        Toolstack.Write($"{domain.Home}/memory/dynamic-max", "300000");
        Toolstack.Write($"{domain.Home}/memory/initial-reservation", "210000");
        Hypervisor.Add(FakeHypervisor.Describe(domain) with
        {
            Kind = DomainKind.Hvm,
            HasRun = false,
            Actual = new KiB(200_040),
            Outstanding = new KiB(20_000),
            MaxMem = new KiB(401_024),
        });
        Hypervisor.Host = new HypervisorMemory(new KiB(1_000_000), new KiB(500_000), new KiB(20_000));

        HostSnapshot host = Host.Observe();

        Assert.That(host.Total, Is.EqualTo(new KiB(1_000_000)));
        Assert.That(host.Free, Is.EqualTo(new KiB(480_000)), "claimed memory is not free");
        Assert.That(host.Domains, Has.Length.EqualTo(1));
        Assert.That(host.Domains[0], Is.EqualTo(new DomainSnapshot
        {
            Identity = domain.Identity,
            Name = "web1",
            Kind = DomainKind.Hvm,
            Lifecycle = DomainLifecycle.Running,
            HasRun = false,
            Actual = new KiB(200_040),
            Outstanding = new KiB(20_000),
            MaxMem = new KiB(401_024),
            Target = new KiB(200_000),
            StaticMax = new KiB(400_000),
            VideoRam = new KiB(8192),
            BootMemory = new KiB(210_000),
            DynamicMin = new KiB(100_000),
            DynamicMax = new KiB(300_000),
        }));
    }

    [Test]
    public void Snapshot_shows_what_the_toolstack_changed()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();

        Toolstack.Write($"{domain.Home}/memory/target", "111104");
        Toolstack.Write($"{domain.Home}/memory/static-max", "222208");
        Toolstack.Write($"{domain.Home}/name", "renamed");
        Toolstack.Write($"{domain.Home}/memory/dynamic-min", "100000");
        Toolstack.Write($"{domain.Home}/memory/dynamic-max", "200000");

        var expected = (111_104L, 222_208L, "renamed", 100_000L, 200_000L);
        Eventually.True(
            () => Snapshot(domain) is var now && expected
                == (now.Target?.Value, now.StaticMax?.Value, now.Name, now.DynamicMin?.Value, now.DynamicMax?.Value),
            "the snapshot shows all five");
    }

    [Test]
    public void Domain_without_a_target_is_being_built()
    {
        TestDomain domain = Describe(5);
        Hypervisor.Add(domain);

        Assert.That(Snapshot(domain).Lifecycle, Is.EqualTo(DomainLifecycle.Building));
        Assert.That(Snapshot(domain).Target, Is.Null);

        Toolstack.WriteDomain(domain);
        Eventually.True(() => Snapshot(domain).Lifecycle == DomainLifecycle.Running, "the domain runs");
    }

    [Test]
    public void Snapshot_without_changes_reads_nothing_from_xenstored()
    {
        TestDomain domain = Describe(5) with { Name = "web1", TargetKiB = 200_000, StaticMaxKiB = 400_000 };
        Create(domain);
        Snapshot(domain);
        AwaitEvents();
        DomainSnapshot before = Snapshot(domain);
        using (Daemon.Halt())
        {
            Task<DomainSnapshot> snapshot = Task.Run(() => Snapshot(domain));
            Assert.That(snapshot.Wait(TimeSpan.FromSeconds(20)), Is.True, "it waits for xenstored, which is stopped");
            Assert.That(snapshot.Result, Is.SameAs(before));
        }
    }

    [Test]
    public void Target_set_by_a_command_shows_at_once()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 200_000 };
        Create(domain);
        Snapshot(domain);
        for (int kib = 150_000; kib > 149_950; kib--)
        {
            SetTarget(domain, kib);
            Assert.That(Snapshot(domain).Target, Is.EqualTo(new KiB(kib)));
        }
    }

    [Test]
    public void Target_set_by_another_tool_shows_at_once_after_a_refused_command()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        for (int kib = 200_000; kib > 199_950; kib--)
        {
            KiB before = Snapshot(domain).Target!.Value;
            Toolstack.Write($"{domain.Home}/memory/target", $"{kib}");
            SetTarget(domain, 100_000, expectedKiB: before.Value);
            Assert.That(Snapshot(domain).Target, Is.EqualTo(new KiB(kib)));
        }
    }

    [Test]
    public void Dom0_runs_even_without_a_target()
    {
        TestDomain dom0 = new(0, Guid.Empty);
        Hypervisor.Add(dom0);

        Assert.That(Snapshot(dom0).Lifecycle, Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Domains_with_reserved_domids_are_not_shown()
    {
        Hypervisor.Add(new TestDomain(HypervisorDomain.FirstReserved, Guid.NewGuid()));
        Hypervisor.Add(new TestDomain(0, Guid.Empty));

        Assert.That(Host.Observe().Domains.Select(domain => domain.Identity.Domid), Is.EqualTo(new[] { 0 }));
    }

    [TestCase("-1")]
    [TestCase("")]
    [TestCase(" 4")]
    [TestCase("0x10")]
    [TestCase("9999999999999999999999")]
    public void Video_memory_that_is_not_a_size_counts_as_zero(string videoram)
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/memory/videoram", videoram);

        Assert.That(Snapshot(domain).VideoRam, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void Name_is_cut_and_printable()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/name", [.. "a\nb\0c\u001b["u8, 0xff, .. Enumerable.Repeat((byte)'x', 1000)]);

        string name = Snapshot(domain).Name;

        Assert.That(name, Does.StartWith("a?b?c?["));
        Assert.That(name.Length, Is.LessThanOrEqualTo(128));
        Assert.That(name.Any(char.IsControl), Is.False);
    }

    [Test]
    public async Task New_domain_ends_the_wait()
    {
        AwaitEvents();
        Host.Observe();
        Task change = Host.WaitForChangeAsync(CancellationToken.None);
        Assert.That(change.IsCompleted, Is.False);

        Create(Describe(5));

        await change.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public async Task Change_before_the_wait_ends_it_at_once()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();
        AwaitEvents();
        Host.Observe();

        Toolstack.Write($"{domain.Home}/memory/target", "123456");
        AwaitEvents();

        await Host.WaitForChangeAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        Host.Observe();
        Task next = Host.WaitForChangeAsync(CancellationToken.None);
        Assert.That(next.IsCompleted, Is.False, "the snapshot has shown the change");
    }

    [Test]
    public void Wait_can_be_cancelled()
    {
        AwaitEvents();
        Host.Observe();
        using CancellationTokenSource cancelled = new(TimeSpan.FromMilliseconds(20));

        Assert.That(
            async () => await Host.WaitForChangeAsync(cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }
}

internal sealed class PassthroughTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void Device_is_shown_in_the_first_snapshot()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write("/local/domain/0/backend/pci/5/0/dev-0", "0000:01:00.0");
        Toolstack.Write("/local/domain/0/backend/pci/5/0/num_devs", "1");
        TestDomain other = Describe(6);
        Create(other);

        Assert.That(Snapshot(domain).HasPassthrough, Is.True);
        Assert.That(Snapshot(other).HasPassthrough, Is.False);
    }

    [Test]
    public void Attached_or_detached_device_shows_at_once()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Assert.That(Snapshot(domain).HasPassthrough, Is.False);

        Toolstack.Write("/local/domain/0/backend/pci/5/0/dev-0", "0000:01:00.0");
        Eventually.True(() => Snapshot(domain).HasPassthrough, "the attached device shows");

        Toolstack.Remove("/local/domain/0/backend/pci/5");
        Eventually.True(() => !Snapshot(domain).HasPassthrough, "the detached device no longer shows");
    }

    [Test]
    public void Device_that_is_attached_through_the_device_models_domain_shows_after_a_while()
    {
        TestDomain guest = Describe(5);
        Create(guest);
        Create(Describe(6));
        Toolstack.Write("/local/domain/5/image/device-model-domid", "6");
        Assert.That(Snapshot(guest).HasPassthrough, Is.False);

        Toolstack.Write("/local/domain/0/backend/pci/6/0/dev-0", "0000:01:00.0");
        Time.Advance(NodeReader.DeviceModelRefreshInterval);
        Assert.That(Snapshot(guest).HasPassthrough, Is.True);
    }

    [Test]
    public void Device_of_the_device_models_domain_counts_for_its_guest()
    {
        TestDomain guest = Describe(5), deviceModel = Describe(6);
        Create(guest);
        Create(deviceModel);
        Toolstack.Write("/local/domain/5/image/device-model-domid", "6");
        Toolstack.Write("/local/domain/0/backend/pci/6/0/dev-0", "0000:01:00.0");

        Assert.That(Snapshot(guest).HasPassthrough, Is.True);
        Assert.That(Snapshot(deviceModel).HasPassthrough, Is.True);
    }

    [Test]
    public void Device_model_that_starts_after_the_target_is_written_is_known_when_the_domain_runs()
    {
        TestDomain guest = Describe(5);
        Create(guest);
        Create(Describe(6));
        Hypervisor.Add(FakeHypervisor.Describe(guest) with { HasRun = false });
        Assert.That(Snapshot(guest).HasPassthrough, Is.False);

        Toolstack.Write("/local/domain/5/image/device-model-domid", "6");
        Toolstack.Write("/local/domain/0/backend/pci/6/0/dev-0", "0000:01:00.0");
        Hypervisor.Add(FakeHypervisor.Describe(guest));
        Assert.That(Snapshot(guest).HasPassthrough, Is.True);
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("")]
    [TestCase("6/../5")]
    public void Device_model_without_a_domain_of_its_own_has_no_devices(string domid)
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write("/local/domain/5/image/device-model-domid", domid);
        Toolstack.Write("/local/domain/0/backend/pci/0/0/dev-0", "0000:01:00.0");

        Assert.That(Snapshot(domain).HasPassthrough, Is.False);
    }
}

internal sealed class LifecycleTests
{
    private static readonly HypervisorDomain Domain = new() { Identity = new DomainIdentity(5, Guid.NewGuid()) };

    [Test]
    public void Domain_runs_by_default() =>
        Assert.That(DomainObserver.Lifecycle(Domain, isBuilt: true), Is.EqualTo(DomainLifecycle.Running));

    [TestCase(true, DomainLifecycle.Paused)]
    [TestCase(false, DomainLifecycle.Building)]
    public void Paused_domain_is_paused_once_it_is_built(bool isBuilt, DomainLifecycle expected) =>
        Assert.That(DomainObserver.Lifecycle(Domain with { Paused = true }, isBuilt), Is.EqualTo(expected));

    [TestCase(0, DomainLifecycle.Shutdown)]
    [TestCase(1, DomainLifecycle.Shutdown)]
    [TestCase(2, DomainLifecycle.Suspended)]
    [TestCase(3, DomainLifecycle.Shutdown)]
    public void Shutdown_reason_tells_a_suspended_domain(int reason, DomainLifecycle expected) => Assert.That(
        DomainObserver.Lifecycle(Domain with { ShutdownReason = reason }, isBuilt: true), Is.EqualTo(expected));

    [Test]
    public void Dying_domain_is_dying_in_any_other_state()
    {
        HypervisorDomain dying = Domain with { Dying = true, Paused = true, ShutdownReason = 2 };
        Assert.That(DomainObserver.Lifecycle(dying, isBuilt: false), Is.EqualTo(DomainLifecycle.Dying));
    }
}
