using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;
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
            () => Look(domain) is var now && (now.Target!.Value, now.StaticMax!.Value, now.Name) == expected,
            "all three show");
    }

    [Test]
    public void A_domain_without_a_target_is_being_built()
    {
        TestDomain domain = Describe(5);
        Hypervisor.Add(domain);

        Assert.That(Look(domain).Lifecycle, Is.EqualTo(DomainLifecycle.Building));
        Assert.That(Look(domain).Target, Is.Null);

        Toolstack.WriteDomain(domain);
        Eventually.True(() => Look(domain).Lifecycle == DomainLifecycle.Running, "the domain runs");
    }

    [Test]
    public void A_look_at_which_nothing_has_changed_asks_xenstored_nothing()
    {
        TestDomain domain = Describe(5) with { Name = "web1", TargetKiB = 200_000, StaticMaxKiB = 400_000 };
        Create(domain);
        Look(domain);
        Settle();
        DomainSnapshot before = Look(domain);
        using (Daemon.Halt())
        {
            Task<DomainSnapshot> look = Task.Run(() => Look(domain));
            Assert.That(look.Wait(TimeSpan.FromSeconds(20)), Is.True, "it waits for xenstored, which does not run");
            Assert.That(look.Result, Is.EqualTo(before));
        }
    }

    [Test]
    public void A_target_that_we_wrote_shows_at_once()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 200_000 };
        Create(domain);
        Look(domain);
        for (int kib = 150_000; kib > 149_950; kib--)
        {
            SetTarget(domain, kib);
            Assert.That(Look(domain).Target, Is.EqualTo(new KiB(kib)));
        }
    }

    [Test]
    public void A_target_that_someone_else_wrote_shows_at_once_to_who_was_refused()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        for (int kib = 200_000; kib > 199_950; kib--)
        {
            KiB before = Look(domain).Target!.Value;
            Toolstack.Write($"{domain.Home}/memory/target", $"{kib}");
            Host.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, new KiB(100_000), ExpectedTarget: before));
            Assert.That(Look(domain).Target, Is.EqualTo(new KiB(kib)));
        }
    }

    [Test]
    public void Dom0_runs_even_before_the_toolstack_has_given_it_a_target()
    {
        TestDomain dom0 = new(0, Guid.Empty);
        Hypervisor.Add(dom0);

        Assert.That(Look(dom0).Lifecycle, Is.EqualTo(DomainLifecycle.Running));
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

        Assert.That(Look(domain).VideoRam, Is.EqualTo(KiB.Zero));
    }

    [Test]
    public void A_name_is_one_printable_line_whatever_it_is_made_of()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/name", [.. "a\nb\0c\u001b["u8, 0xff, .. Enumerable.Repeat((byte)'x', 1000)]);

        string name = Look(domain).Name;

        Assert.That(name, Does.StartWith("a?b?c?["));
        Assert.That(name.Length, Is.LessThanOrEqualTo(128));
        Assert.That(name.Any(char.IsControl), Is.False);
    }

    [Test]
    public async Task A_domain_that_is_introduced_ends_the_wait()
    {
        Settle();
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
        Settle();
        Host.Observe();

        Toolstack.Write($"{domain.Home}/memory/target", "123456");
        Settle();

        await Host.WaitForChangeAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        Host.Observe();
        Assert.That(Host.WaitForChangeAsync(CancellationToken.None).IsCompleted, Is.False, "what has been seen is no change any more");
    }

    [Test]
    public void A_wait_can_be_cancelled()
    {
        Settle();
        Host.Observe();
        using CancellationTokenSource cancelled = new(TimeSpan.FromMilliseconds(20));

        Assert.That(async () => await Host.WaitForChangeAsync(cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}
