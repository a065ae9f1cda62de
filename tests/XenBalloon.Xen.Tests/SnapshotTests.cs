using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class SnapshotTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void A_snapshot_shows_what_the_hypervisor_and_xenstore_say()
    {
        TestDomain domain = Describe(5) with { Name = "web1", TargetKiB = 200_000, StaticMaxKiB = 400_000 };
        Create(domain);
        Toolstack.Write($"{domain.Home}/memory/videoram", "8192");
        Toolstack.Write($"{domain.Home}/memory/dynamic-min", "100000");
        Toolstack.Write($"{domain.Home}/memory/dynamic-max", "300000");
        Toolstack.Write($"{domain.Home}/memory/initial-reservation", "210000");
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { Kind = DomainKind.Hvm, Actual = new KiB(200_040), Outstanding = new KiB(20_000), MaxMem = new KiB(401_024) });
        Hypervisor.Host = new HypervisorMemory(new KiB(1_000_000), new KiB(500_000), new KiB(20_000));

        HostSnapshot host = Host.Observe();

        Assert.That(host.Total, Is.EqualTo(new KiB(1_000_000)));
        Assert.That(host.Free, Is.EqualTo(new KiB(480_000)), "what is claimed is not free");
        Assert.That(host.Domains, Has.Length.EqualTo(1));
        Assert.That(host.Domains[0], Is.EqualTo(new DomainSnapshot
        {
            Identity = domain.Identity,
            Name = "web1",
            Kind = DomainKind.Hvm,
            Lifecycle = DomainLifecycle.Running,
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
    public void What_the_toolstack_changes_shows_in_the_next_snapshot()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();

        Toolstack.Write($"{domain.Home}/memory/target", "111104");
        Toolstack.Write($"{domain.Home}/memory/static-max", "222208");
        Toolstack.Write($"{domain.Home}/name", "renamed");

        var expected = (new KiB(111_104), new KiB(222_208), "renamed");
        Eventually.True(
            () => Snapshot(domain) is var now && (now.Target!.Value, now.StaticMax!.Value, now.Name) == expected,
            "all three show");
    }

    [Test]
    public void A_domain_without_a_target_is_being_built()
    {
        TestDomain domain = Describe(5);
        Hypervisor.Add(domain);

        Assert.That(Snapshot(domain).Lifecycle, Is.EqualTo(DomainLifecycle.Building));
        Assert.That(Snapshot(domain).Target, Is.Null);

        Toolstack.WriteDomain(domain);
        Eventually.True(() => Snapshot(domain).Lifecycle == DomainLifecycle.Running, "the domain runs");
    }

    [Test]
    public void A_look_at_which_nothing_has_changed_asks_xenstored_nothing()
    {
        TestDomain domain = Describe(5) with { Name = "web1", TargetKiB = 200_000, StaticMaxKiB = 400_000 };
        Create(domain);
        Snapshot(domain);
        AwaitEvents();
        DomainSnapshot before = Snapshot(domain);
        using (Daemon.Halt())
        {
            Task<DomainSnapshot> look = Task.Run(() => Snapshot(domain));
            Assert.That(look.Wait(TimeSpan.FromSeconds(20)), Is.True, "it waits for xenstored, which does not run");
            Assert.That(look.Result, Is.EqualTo(before));
        }
    }

    [Test]
    public void A_target_that_we_wrote_shows_at_once()
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
    public void A_target_that_someone_else_wrote_shows_at_once_to_who_was_refused()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        for (int kib = 200_000; kib > 199_950; kib--)
        {
            KiB before = Snapshot(domain).Target!.Value;
            Toolstack.Write($"{domain.Home}/memory/target", $"{kib}");
            Host.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, new KiB(100_000), Instead: before));
            Assert.That(Snapshot(domain).Target, Is.EqualTo(new KiB(kib)));
        }
    }

    [Test]
    public void Dom0_runs_even_before_the_toolstack_has_given_it_a_target()
    {
        TestDomain dom0 = new(0, Guid.Empty);
        Hypervisor.Add(dom0);

        Assert.That(Snapshot(dom0).Lifecycle, Is.EqualTo(DomainLifecycle.Running));
    }

    [Test]
    public void Domains_of_Xens_own_are_not_shown()
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
    public void Video_memory_that_is_no_size_is_none(string videoram)
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/memory/videoram", videoram);

        Assert.That(Snapshot(domain).VideoRam, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void A_name_is_one_printable_line_whatever_it_is_made_of()
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
    public async Task A_domain_that_is_introduced_ends_the_wait()
    {
        AwaitEvents();
        Host.Observe();
        Task change = Host.WaitForChangeAsync(CancellationToken.None);
        Assert.That(change.IsCompleted, Is.False);

        Create(Describe(5));

        await change.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public async Task A_change_before_the_wait_ends_it_at_once()
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
        Assert.That(Host.WaitForChangeAsync(CancellationToken.None).IsCompleted, Is.False, "what has been seen is no change any more");
    }

    [Test]
    public void A_wait_can_be_cancelled()
    {
        AwaitEvents();
        Host.Observe();
        using CancellationTokenSource cancelled = new(TimeSpan.FromMilliseconds(20));

        Assert.That(async () => await Host.WaitForChangeAsync(cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}

internal sealed class PassthroughTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void A_device_of_libxls_is_seen_at_first_sight()
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
    public void A_device_that_is_plugged_or_unplugged_is_noticed_before_long()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Assert.That(Snapshot(domain).HasPassthrough, Is.False);

        Toolstack.Write("/local/domain/0/backend/pci/5/0/dev-0", "0000:01:00.0");
        Time.Advance(NodeReader.RefreshInterval);
        Assert.That(Snapshot(domain).HasPassthrough, Is.True);

        Toolstack.Remove("/local/domain/0/backend/pci/5");
        Time.Advance(NodeReader.RefreshInterval);
        Assert.That(Snapshot(domain).HasPassthrough, Is.False);
    }

    [Test]
    public void A_device_of_the_device_models_domain_is_its_guests_too()
    {
        TestDomain guest = Describe(5), model = Describe(6);
        Create(guest);
        Create(model);
        Toolstack.Write("/local/domain/5/image/device-model-domid", "6");
        Toolstack.Write("/local/domain/0/backend/pci/6/0/dev-0", "0000:01:00.0");

        Assert.That(Snapshot(guest).HasPassthrough, Is.True);
        Assert.That(Snapshot(model).HasPassthrough, Is.True);
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("")]
    [TestCase("6/../5")]
    public void A_device_model_that_is_no_domain_of_its_own_has_no_devices(string domid)
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
    public void A_domain_runs_unless_something_says_otherwise() =>
        Assert.That(DomainObserver.Lifecycle(Domain, isBuilt: true), Is.EqualTo(DomainLifecycle.Running));

    [Test]
    public void A_paused_domain_is_paused_once_it_is_built()
    {
        Assert.That(DomainObserver.Lifecycle(Domain with { Paused = true }, isBuilt: true), Is.EqualTo(DomainLifecycle.Paused));
        Assert.That(DomainObserver.Lifecycle(Domain with { Paused = true }, isBuilt: false), Is.EqualTo(DomainLifecycle.Building));
    }

    [TestCase(0, DomainLifecycle.Shutdown)]
    [TestCase(1, DomainLifecycle.Shutdown)]
    [TestCase(2, DomainLifecycle.Suspended)]
    [TestCase(3, DomainLifecycle.Shutdown)]
    public void A_domain_that_shut_down_did_so_for_a_reason(int reason, DomainLifecycle expected) =>
        Assert.That(DomainObserver.Lifecycle(Domain with { ShutdownReason = reason }, isBuilt: true), Is.EqualTo(expected));

    [Test]
    public void Death_comes_before_all_else() =>
        Assert.That(DomainObserver.Lifecycle(Domain with { Dying = true, Paused = true, ShutdownReason = 2 }, isBuilt: false), Is.EqualTo(DomainLifecycle.Dying));
}
