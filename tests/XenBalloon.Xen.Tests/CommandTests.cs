using System.Globalization;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

/// <summary>Commands that write to xenstore.</summary>
internal sealed class TargetTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void Target_is_written_and_the_boot_memory_is_recorded_once()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        Assert.That(Snapshot(domain).BootMemory, Is.Null);

        Assert.That(SetTarget(domain, 200_000), Is.EqualTo(CommandOutcome.Done));
        Assert.That(SetTarget(domain, 100_000), Is.EqualTo(CommandOutcome.Done));

        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("100000"));
        Assert.That(Snapshot(domain).BootMemory, Is.EqualTo(new KiB(262_144)));
    }

    [Test]
    public void Target_that_another_tool_changed_is_not_overwritten()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        Snapshot(domain);
        Toolstack.Write($"{domain.Home}/memory/target", "240000");

        Assert.That(SetTarget(domain, 200_000, expectedKiB: 262_144).Status, Is.EqualTo(CommandStatus.Refused));

        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("240000"));
        Assert.That(SetTarget(domain, 200_000, expectedKiB: 240_000), Is.EqualTo(CommandOutcome.Done));
    }

    [Test]
    public void Boot_memory_is_known_after_a_restart()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        SetTarget(domain, 200_000);

        using XenHost restarted = OpenHost();

        Assert.That(restarted.Observe().Domains.Single().BootMemory, Is.EqualTo(new KiB(262_144)));
        HostCommand command = new(HostCommandKind.SetTarget, domain.Identity, new KiB(150_000));
        Assert.That(restarted.Execute(command), Is.EqualTo(CommandOutcome.Done));
        Assert.That(restarted.Observe().Domains.Single().BootMemory, Is.EqualTo(new KiB(262_144)));
    }

    [Test]
    public void Guest_can_read_its_target_but_not_write_the_toolstacks_nodes()
    {
        TestDomain domain = Describe(5);
        GuestRing guest = Create(domain);
        SetTarget(domain, 200_000);

        Assert.That(guest.Read("memory/target"), Is.EqualTo("200000"));
        Assert.That(guest.Write("memory/target", "1"), Is.EqualTo("EACCES"));
        Assert.That(guest.Write("memory/xenballoon-boot-memory", "1"), Is.EqualTo("EACCES"));
        Assert.That(guest.Remove("memory/xenballoon-boot-memory"), Is.EqualTo("EACCES"));
        Assert.That(guest.Write("memory/static-max", "1"), Is.EqualTo("EACCES"));
        Assert.That(guest.Write("vm", "/vm/00000000-0000-0000-0000-000000000000"), Is.EqualTo("EACCES"));
    }

    [Test]
    public void New_domain_with_the_domid_of_an_old_one_is_not_changed()
    {
        TestDomain old = Describe(5);
        TestDomain young = Describe(5) with { TargetKiB = 131_072 };
        Create(young);

        Assert.That(SetTarget(old, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Assert.That(Toolstack.Read($"{young.Home}/memory/target"), Is.EqualTo("131072"));
        Assert.That(Toolstack.Read($"{young.Home}/memory/xenballoon-boot-memory"), Is.Null);
    }

    [Test]
    public void Nodes_of_a_new_domain_are_not_changed_while_the_hypervisor_shows_the_old_one()
    {
        // The domid is reused between the read of the hypervisor's list and that of xenstore.
        TestDomain old = Describe(5);
        TestDomain young = Describe(5) with { TargetKiB = 131_072 };
        Create(young);
        Hypervisor.Add(old);

        Assert.That(SetTarget(old, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Assert.That(Toolstack.Read($"{young.Home}/memory/target"), Is.EqualTo("131072"));
    }

    [Test]
    public void Domain_that_xend_migrated_locally_is_still_the_same()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/vm", $"/vm/{domain.Uuid}-1");

        Assert.That(SetTarget(domain, 200_000), Is.EqualTo(CommandOutcome.Done));
    }

    [Test]
    public void Nodes_of_a_dead_domain_are_not_created_again()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();
        Toolstack.LetDie(domain);
        Toolstack.Remove(domain.Home);

        // First while the hypervisor still shows it.
        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));
        Hypervisor.Remove(domain.Domid);
        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Assert.That(Toolstack.Read(domain.Home), Is.Null);
    }

    [Test]
    public void Dying_domain_is_not_changed()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { Dying = true });

        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("262144"));
    }

    [Test]
    public void Domain_without_a_target_gets_none()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Remove($"{domain.Home}/memory/target");

        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.Refused));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.Null);
    }

    [Test]
    public void Domain_that_dies_between_check_and_write_leaves_no_nodes_behind()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        DomainPaths paths = new(domain.Domid);
        using XenStoreConnection connection = Connect();
        int tries = 0;

        TransactionResult result = new XenStore(connection).Transact(transaction =>
        {
            tries++;
            if (transaction.Read(paths.Vm) is null) return false;
            if (tries == 1)
            {
                Toolstack.LetDie(domain);
                Toolstack.Remove(domain.Home);
            }

            transaction.Write(paths.Target, "200000");
            return true;
        });

        Assert.That(result, Is.EqualTo(TransactionResult.Abandoned));
        Assert.That(Toolstack.Read(domain.Home), Is.Null);
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.Null);
    }

    [Test]
    public void Transaction_that_conflicts_is_repeated_from_the_start()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        DomainPaths paths = new(domain.Domid);
        using XenStoreConnection connection = Connect();
        int tries = 0;

        TransactionResult result = new XenStore(connection).Transact(transaction =>
        {
            long before = long.Parse(transaction.Read(paths.Target)!, CultureInfo.InvariantCulture);
            if (++tries == 1) Toolstack.Write($"{domain.Home}/memory/target", "100000");
            transaction.Write(paths.Target, $"{before + 1}");
            return true;
        });

        Assert.That(result, Is.EqualTo(TransactionResult.Committed));
        Assert.That(tries, Is.EqualTo(2));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("100001"));
    }

    [Test]
    public void Transaction_that_always_conflicts_is_given_up()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        DomainPaths paths = new(domain.Domid);
        using XenStoreConnection connection = Connect();
        int tries = 0;

        TransactionResult result = new XenStore(connection).Transact(transaction =>
        {
            transaction.Read(paths.Target);
            Toolstack.Write($"{domain.Home}/memory/target", $"{++tries}");
            transaction.Write(paths.Target, "200000");
            return true;
        });

        Assert.That(result, Is.EqualTo(TransactionResult.Busy));
        Assert.That(tries, Is.EqualTo(XenStore.Attempts));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo($"{XenStore.Attempts}"));
    }

    [Test]
    public void Dom0_needs_no_vm_node()
    {
        TestDomain dom0 = new(0, Guid.NewGuid());
        Hypervisor.Add(dom0);
        Toolstack.Write("/local/domain/0/memory/target", "524288");

        Assert.That(SetTarget(dom0, 500_000), Is.EqualTo(CommandOutcome.Done));
        Assert.That(Toolstack.Read("/local/domain/0/memory/target"), Is.EqualTo("500000"));
    }

    [TestCase(0)]
    [TestCase(-4)]
    public void Size_of_zero_or_less_is_refused(long kib)
    {
        TestDomain domain = Describe(5);
        Create(domain);
        HostCommandKind[] withoutSize = [HostCommandKind.RequestReport, HostCommandKind.AdmitQubesReports];

        foreach (HostCommandKind kind in Enum.GetValues<HostCommandKind>().Except(withoutSize))
            Assert.That(Execute(kind, domain, kib).Status, Is.EqualTo(CommandStatus.Refused));
        Assert.That(Hypervisor.Calls, Is.Empty);
    }
}

/// <summary>Commands that go to the hypervisor.</summary>
internal sealed class MaxMemTests(string daemon) : XenStoreTest(daemon)
{
    [TestCase(HostCommandKind.SetMaxMem, "maxmem 5 300000")]
    [TestCase(HostCommandKind.SetPodTarget, "pod 5 300000")]
    public void Command_calls_the_hypervisor_and_does_not_change_xenstore(HostCommandKind kind, string call)
    {
        TestDomain domain = Describe(5);
        Create(domain);

        Assert.That(Execute(kind, domain, 300_000), Is.EqualTo(CommandOutcome.Done));

        Assert.That(Hypervisor.Calls, Is.EqualTo(new[] { call }));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo($"{domain.TargetKiB}"));
    }

    [TestCase(HostCommandKind.SetMaxMem)]
    [TestCase(HostCommandKind.SetPodTarget)]
    public void Command_for_a_domain_that_no_longer_exists_calls_nothing(HostCommandKind kind)
    {
        TestDomain old = Describe(5);
        Hypervisor.Add(Describe(5));
        Assert.That(Execute(kind, old, 300_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Hypervisor.Add(FakeHypervisor.Describe(old) with { Dying = true });
        Assert.That(Execute(kind, old, 300_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Hypervisor.Remove(5);
        Assert.That(Execute(kind, old, 300_000).Status, Is.EqualTo(CommandStatus.DomainGone));
        Assert.That(Hypervisor.Calls, Is.Empty);
    }

    [TestCase(Errno.NoSuchProcess, CommandStatus.DomainGone)]
    [TestCase(Errno.Invalid, CommandStatus.Refused)]
    public void Error_of_the_hypervisor_is_returned(int errno, CommandStatus status)
    {
        TestDomain domain = Describe(5);
        Hypervisor.Add(domain);
        Hypervisor.Errno = errno;

        CommandOutcome outcome = Execute(HostCommandKind.SetMaxMem, domain, 300_000);

        Assert.That(outcome.Status, Is.EqualTo(status));
        Assert.That(outcome.Detail, Is.Not.Null.And.Not.Empty);
    }
}
