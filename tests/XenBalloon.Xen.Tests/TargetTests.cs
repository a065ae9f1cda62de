using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Store;
using XenBalloon.Xen.Tests.Rig;

namespace XenBalloon.Xen.Tests;

internal sealed class TargetTests(string daemon) : XenStoreTest(daemon)
{
    [Test]
    public void A_target_is_written_and_the_one_it_booted_with_is_noted_once()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        Assert.That(Look(domain).BootMemory, Is.Null);

        Assert.That(SetTarget(domain, 200_000), Is.EqualTo(CommandOutcome.Done));
        Assert.That(SetTarget(domain, 100_000), Is.EqualTo(CommandOutcome.Done));

        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("100000"));
        Assert.That(Look(domain).BootMemory, Is.EqualTo(new KiB(262_144)));
    }

    [Test]
    public void A_target_that_someone_else_wrote_meanwhile_is_not_written_over()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        Look(domain);
        Toolstack.Write($"{domain.Home}/memory/target", "240000");

        CommandOutcome outcome = Host.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, new KiB(200_000), ExpectedTarget: new KiB(262_144)));

        Assert.That(outcome.Status, Is.EqualTo(CommandStatus.Refused));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("240000"));
        CommandOutcome knowing = Host.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, new KiB(200_000), ExpectedTarget: new KiB(240_000)));
        Assert.That(knowing, Is.EqualTo(CommandOutcome.Done));
    }

    [Test]
    public void A_daemon_started_anew_knows_what_a_guest_booted_with()
    {
        TestDomain domain = Describe(5) with { TargetKiB = 262_144 };
        Create(domain);
        SetTarget(domain, 200_000);

        using XenHost restarted = OpenHost();

        Assert.That(restarted.Observe().Domains.Single().BootMemory, Is.EqualTo(new KiB(262_144)));
        Assert.That(restarted.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, new KiB(150_000))), Is.EqualTo(CommandOutcome.Done));
        Assert.That(restarted.Observe().Domains.Single().BootMemory, Is.EqualTo(new KiB(262_144)));
    }

    [Test]
    public void Guests_can_read_their_target_but_change_neither_it_nor_our_note()
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
    public void A_domid_that_another_domain_has_now_is_not_touched()
    {
        TestDomain old = Describe(5);
        TestDomain young = Describe(5) with { TargetKiB = 131_072 };
        Create(young);

        Assert.That(SetTarget(old, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Assert.That(Toolstack.Read($"{young.Home}/memory/target"), Is.EqualTo("131072"));
        Assert.That(Toolstack.Read($"{young.Home}/memory/xenballoon-boot-memory"), Is.Null);
    }

    [Test]
    public void Nodes_of_another_domain_are_not_touched_though_the_hypervisor_shows_ours()
    {
        // A domid taken over between our look at the hypervisor's list and xenstore's.
        TestDomain old = Describe(5);
        TestDomain young = Describe(5) with { TargetKiB = 131_072 };
        Create(young);
        Hypervisor.Add(old);

        Assert.That(SetTarget(old, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Assert.That(Toolstack.Read($"{young.Home}/memory/target"), Is.EqualTo("131072"));
    }

    [Test]
    public void A_domain_that_xend_counted_on_is_still_the_same()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Write($"{domain.Home}/vm", $"/vm/{domain.Uuid}-1");

        Assert.That(SetTarget(domain, 200_000), Is.EqualTo(CommandOutcome.Done));
    }

    [Test]
    public void A_dead_domains_path_is_not_brought_back_to_life()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Host.Observe();
        Toolstack.LetDie(domain);
        Toolstack.Remove(domain.Home);

        // Even while the hypervisor still shows it.
        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));
        Hypervisor.Remove(domain.Domid);
        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));

        Assert.That(Toolstack.Read(domain.Home), Is.Null);
    }

    [Test]
    public void A_dying_domain_is_left_alone()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Hypervisor.Add(FakeHypervisor.Describe(domain) with { Dying = true });

        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.DomainGone));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("262144"));
    }

    [Test]
    public void A_domain_that_has_no_target_yet_is_not_given_one()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        Toolstack.Remove($"{domain.Home}/memory/target");

        Assert.That(SetTarget(domain, 200_000).Status, Is.EqualTo(CommandStatus.Refused));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.Null);
    }

    [Test]
    public void A_domain_that_dies_between_the_check_and_the_write_leaves_no_path_behind()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        DomainPaths paths = new(domain.Domid);
        using XenStoreConnection connection = Connect();
        int tries = 0;

        TransactionEnd end = new XenStore(connection).Transact(transaction =>
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

        Assert.That(end, Is.EqualTo(TransactionEnd.Abandoned));
        Assert.That(Toolstack.Read(domain.Home), Is.Null);
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.Null);
    }

    [Test]
    public void A_transaction_that_meets_another_writer_is_done_again_from_the_start()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        DomainPaths paths = new(domain.Domid);
        using XenStoreConnection connection = Connect();
        int tries = 0;

        TransactionEnd end = new XenStore(connection).Transact(transaction =>
        {
            long before = long.Parse(transaction.Read(paths.Target)!, System.Globalization.CultureInfo.InvariantCulture);
            if (++tries == 1) Toolstack.Write($"{domain.Home}/memory/target", "100000");
            transaction.Write(paths.Target, $"{before + 1}");
            return true;
        });

        Assert.That(end, Is.EqualTo(TransactionEnd.Committed));
        Assert.That(tries, Is.EqualTo(2));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo("100001"));
    }

    [Test]
    public void A_transaction_that_always_meets_another_writer_is_given_up()
    {
        TestDomain domain = Describe(5);
        Create(domain);
        DomainPaths paths = new(domain.Domid);
        using XenStoreConnection connection = Connect();
        int tries = 0;

        TransactionEnd end = new XenStore(connection).Transact(transaction =>
        {
            transaction.Read(paths.Target);
            Toolstack.Write($"{domain.Home}/memory/target", $"{++tries}");
            transaction.Write(paths.Target, "200000");
            return true;
        });

        Assert.That(end, Is.EqualTo(TransactionEnd.Busy));
        Assert.That(tries, Is.EqualTo(XenStore.Attempts));
        Assert.That(Toolstack.Read($"{domain.Home}/memory/target"), Is.EqualTo($"{XenStore.Attempts}"));
    }

    [Test]
    public void Dom0_needs_no_vm_path()
    {
        TestDomain dom0 = new(0, Guid.NewGuid());
        Hypervisor.Add(dom0);
        Toolstack.Write("/local/domain/0/memory/target", "524288");

        Assert.That(SetTarget(dom0, 500_000), Is.EqualTo(CommandOutcome.Done));
        Assert.That(Toolstack.Read("/local/domain/0/memory/target"), Is.EqualTo("500000"));
    }

    [TestCase(0)]
    [TestCase(-4)]
    public void No_domain_is_given_nothing(long kib)
    {
        TestDomain domain = Describe(5);
        Create(domain);

        foreach (HostCommandKind kind in Enum.GetValues<HostCommandKind>().Where(kind => kind is not (HostCommandKind.RequestReport or HostCommandKind.AdmitQubesReports)))
            Assert.That(Host.Execute(new HostCommand(kind, domain.Identity, new KiB(kib))).Status, Is.EqualTo(CommandStatus.Refused));
        Assert.That(Hypervisor.Calls, Is.Empty);
    }
}
