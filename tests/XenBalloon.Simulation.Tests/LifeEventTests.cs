using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class LifeEventTests
{
    [Test]
    public void Xl_mem_max_sets_the_cap_and_the_static_maximum()
    {
        using var host = new VirtualHost(Guest(Happening(5, GuestEventKind.SetMaxMem, 700)));
        host.Order(HostCommandKind.SetTarget, 600);
        host.Run(10);
        host.Order(HostCommandKind.SetTarget, 900);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(host.Domain().StaticMax, Is.EqualTo(KiB.FromMiB(700)));
            Assert.That(host.Domain().MaxMem, Is.EqualTo(KiB.FromMiB(701)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(701)));
        });
    }

    [Test]
    public void Xl_mem_max_below_the_target_is_refused()
    {
        using var host = new VirtualHost(Guest(Happening(5, GuestEventKind.SetMaxMem, 400)));
        KiB before = host.Domain().MaxMem;
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(host.Domain().StaticMax, Is.EqualTo(KiB.FromMiB(2048)));
            Assert.That(host.Domain().MaxMem, Is.EqualTo(before));
        });
    }

    [Test]
    public void A_suspended_guest_does_not_move_and_goes_on_when_it_is_resumed()
    {
        using var host = new VirtualHost(Guest(Happening(5, GuestEventKind.Suspend), Happening(50, GuestEventKind.Resume)));
        DomainIdentity before = host.Domain().Identity;
        host.Run(10);
        host.Resize(400);
        host.Run(30);
        DomainSnapshot suspended = host.Domain();
        host.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(suspended.Lifecycle, Is.EqualTo(DomainLifecycle.Suspended));
            Assert.That(suspended.Actual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(suspended.Report!.ReceivedAt, Is.LessThan(TimeSpan.FromSeconds(5)));
            Assert.That(host.Domain().Lifecycle, Is.EqualTo(DomainLifecycle.Running));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(400)));
            Assert.That(host.Domain().Identity, Is.EqualTo(before));
        });
    }

    [Test]
    public void A_saved_domain_is_suspended_for_a_moment_and_then_gone_with_its_memory_returned()
    {
        using var host = new VirtualHost(Guest(Happening(5, GuestEventKind.Save)));
        host.Run(6);
        DomainSnapshot saving = host.Domain();
        host.Run(4);
        Assert.Multiple(() =>
        {
            Assert.That(saving.Lifecycle, Is.EqualTo(DomainLifecycle.Suspended));
            Assert.That(saving.Actual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.FromMiB(8192 - 512)));
        });
    }

    [Test]
    public void A_restored_domain_has_a_new_domid_the_same_UUID_and_holds_what_it_held_even_above_its_target()
    {
        GuestDescription guest = Guest(Happening(5, GuestEventKind.Save), Happening(30, GuestEventKind.Restore)) with
        {
            Anonymous = new ConstantLoad(KiB.FromMiB(200)),
            BuildTime = TimeSpan.FromSeconds(3),
            Balloon = BalloonDescription.Stuck,
        };
        using var host = new VirtualHost(guest);
        DomainIdentity before = host.Domain().Identity;
        host.Order(HostCommandKind.SetTarget, 400);
        host.Run(4);
        KiB resident = host.Outcome().Resident;
        host.Run(28);
        DomainSnapshot building = host.Domain();
        host.Run(2);
        DomainSnapshot restored = host.Domain();
        Assert.Multiple(() =>
        {
            Assert.That(building.Lifecycle, Is.EqualTo(DomainLifecycle.Building));
            Assert.That(building.Target, Is.Null);
            Assert.That(building.Report, Is.Null);
            Assert.That(building.Actual + building.Outstanding, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(restored.Identity.Domid, Is.GreaterThan(before.Domid));
            Assert.That(restored.Identity.Uuid, Is.EqualTo(before.Uuid));
            Assert.That(restored.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
            Assert.That(restored.Target, Is.EqualTo(KiB.FromMiB(400)));
            Assert.That(restored.Actual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Outcome().Resident, Is.EqualTo(resident));
            Assert.That(host.Outcome().OomKills, Is.Zero);
        });
    }

    [Test]
    public void What_a_domain_holds_in_swap_is_there_again_when_it_is_restored()
    {
        GuestDescription guest = Guest(Happening(20, GuestEventKind.Save), Happening(30, GuestEventKind.Restore)) with
        {
            Anonymous = new ConstantLoad(KiB.FromMiB(400)),
        };
        using var host = new VirtualHost(guest);
        host.Resize(300);
        host.Run(20.1);
        KiB swapped = host.Outcome().Swapped;
        host.Run(10.9);
        Assert.Multiple(() =>
        {
            Assert.That(swapped, Is.GreaterThan(KiB.FromMiB(50)));
            Assert.That(host.Outcome().Swapped, Is.EqualTo(swapped));
        });
    }

    [Test]
    public void A_restore_whose_memory_is_not_free_fails_and_is_counted()
    {
        Scenario scenario = VirtualHost.Hosting(
            Guest(Happening(5, GuestEventKind.Save), Happening(30, GuestEventKind.Restore)),
            VirtualHost.Guest("newcomer") with { CreatedAt = TimeSpan.FromSeconds(20) });
        using var host = new VirtualHost(scenario with { HostTotal = KiB.FromMiB(512 + 512 + 100) });
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Find("newcomer"), Is.Not.Null);
            Assert.That(host.Host.Report().Host.FailedStarts, Is.EqualTo(1));
        });
    }

    [Test]
    public void A_rebooted_guest_comes_back_as_small_as_its_target_with_a_new_domid_and_the_same_UUID()
    {
        using var host = new VirtualHost(Guest(Happening(20, GuestEventKind.Reboot)) with { BootTime = TimeSpan.FromSeconds(5) });
        DomainIdentity before = host.Domain().Identity;
        host.Resize(300);
        host.Run(20.1);
        DomainLifecycle dying = host.Domain().Lifecycle;
        host.Run(0.9);
        DomainSnapshot? gone = host.Find("guest");
        host.Run(1);
        DomainSnapshot building = host.Domain();
        host.Run(3);
        DomainSnapshot booting = host.Domain();
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(dying, Is.EqualTo(DomainLifecycle.Dying));
            Assert.That(gone, Is.Null);
            Assert.That(building.Lifecycle, Is.EqualTo(DomainLifecycle.Building));
            Assert.That(building.Actual + building.Outstanding, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(building.Identity.Domid, Is.GreaterThan(before.Domid));
            Assert.That(building.Identity.Uuid, Is.EqualTo(before.Uuid));
            Assert.That(booting.Target, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(booting.BootMemory, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(booting.Report, Is.Null);
            Assert.That(host.Domain().Report, Is.Not.Null);
            Assert.That(host.Outcome().Resident, Is.EqualTo(KiB.FromMiB(128)));
        });
    }

    [Test]
    public void A_command_for_the_domain_from_before_its_reboot_finds_it_gone()
    {
        using var host = new VirtualHost(Guest(Happening(20, GuestEventKind.Reboot)));
        DomainIdentity before = host.Domain().Identity;
        host.Run(30);
        CommandOutcome late = host.Host.Execute(new HostCommand(HostCommandKind.SetTarget, before, KiB.FromMiB(300)));
        Assert.Multiple(() =>
        {
            Assert.That(late.Status, Is.EqualTo(CommandStatus.DomainGone));
            Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(512)));
        });
    }

    [Test]
    public void A_migrating_domain_holds_what_it_has_for_as_long_as_a_hundred_MiB_a_second_take_and_is_then_gone()
    {
        using var host = new VirtualHost(Guest(Happening(5, GuestEventKind.MigrateAway)));
        host.Run(6);
        host.Resize(300);
        host.Run(4);
        DomainSnapshot sent = host.Domain();
        host.Run(1);
        Assert.Multiple(() =>
        {
            Assert.That(sent.Lifecycle, Is.EqualTo(DomainLifecycle.Migrating));
            Assert.That(sent.Actual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(sent.Report!.ReceivedAt, Is.GreaterThan(TimeSpan.FromSeconds(8)));
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.FromMiB(8192 - 512)));
        });
    }

    [Test]
    public void A_guest_that_crashes_for_reasons_of_its_own_dies_as_from_a_panic_and_is_not_counted_as_one()
    {
        using var host = new VirtualHost(Guest(Happening(5, GuestEventKind.Crash)));
        host.Run(5.5);
        DomainLifecycle crashed = host.Domain().Lifecycle;
        host.Run(5);
        Assert.Multiple(() =>
        {
            Assert.That(crashed, Is.EqualTo(DomainLifecycle.Shutdown));
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Outcome().Panics, Is.Zero);
        });
    }

    [Test]
    public void A_paused_guest_cannot_be_asked_to_suspend_to_reboot_or_to_leave()
    {
        GuestEventKind[] kinds = [GuestEventKind.Suspend, GuestEventKind.Save, GuestEventKind.Reboot, GuestEventKind.MigrateAway, GuestEventKind.Crash];
        using var host = new VirtualHost(Guest([Happening(5, GuestEventKind.Pause), .. kinds.Select(kind => Happening(6, kind))]));
        host.Run(30);
        Assert.That(host.Domain().Lifecycle, Is.EqualTo(DomainLifecycle.Paused));
    }

    [Test]
    public void A_driver_that_has_given_up_tries_again_when_its_guest_is_resumed()
    {
        using var host = new VirtualHost(Guest(Happening(60, GuestEventKind.Suspend), Happening(61, GuestEventKind.Resume)));
        host.Order(HostCommandKind.SetMaxMem, 600);
        host.Order(HostCommandKind.SetTarget, 1000);
        host.Run(59);
        host.Order(HostCommandKind.SetMaxMem, 2000);
        host.Run(3);
        Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(1000)));
    }

    [Test]
    public void A_raised_static_maximum_can_be_used_only_after_a_reboot()
    {
        using var host = new VirtualHost(Guest(Happening(5, GuestEventKind.SetMaxMem, 3000), Happening(20, GuestEventKind.Reboot)));
        host.Run(6);
        host.Resize(2500);
        host.Run(10);
        KiB before = host.Domain().Actual;
        host.Run(30);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(KiB.FromMiB(2048)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(2500)));
            Assert.That(host.Domain().StaticMax, Is.EqualTo(KiB.FromMiB(3000)));
        });
    }

    [Test]
    public void A_guest_is_not_rebooted_with_more_than_its_static_maximum()
    {
        using var host = new VirtualHost(Guest(Happening(20, GuestEventKind.Reboot)));
        host.Resize(3000);
        host.Run(40);
        Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(2048)));
    }

    [Test]
    public void Memory_that_is_promised_to_a_suspended_guest_counts_as_promised()
    {
        Scenario scenario = VirtualHost.Hosting(Guest(Happening(5, GuestEventKind.Suspend))) with { HostTotal = KiB.FromMiB(512 + 512 + 100) };
        using var host = new VirtualHost(scenario);
        host.Run(10);
        host.Resize(700);
        Assert.That(host.Host.Report().Host.Violations, Is.EqualTo(1));
    }

    private static GuestDescription Guest(params GuestEvent[] events) => VirtualHost.Guest() with { Events = [.. events] };

    private static GuestEvent Happening(double second, GuestEventKind kind, int mib = 0) => new(TimeSpan.FromSeconds(second), kind, KiB.FromMiB(mib));
}
