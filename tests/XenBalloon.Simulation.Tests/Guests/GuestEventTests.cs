using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Guests;

public sealed class GuestEventTests
{
    [Test]
    public void Xl_mem_max_sets_only_the_cap()
    {
        using var host = new VirtualHost(Guest(Action(5, GuestEventKind.SetMaxMem, 700)));
        host.Order(HostCommandKind.SetTarget, 600);
        host.Run(10);
        host.Order(HostCommandKind.SetTarget, 900);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(host.Domain().StaticMax, Is.EqualTo(KiB.FromMiB(2048)));
            Assert.That(host.Domain().MaxMem, Is.EqualTo(KiB.FromMiB(701)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(701)));
        });
    }

    [Test]
    public void Xl_mem_max_below_the_target_is_refused()
    {
        using var host = new VirtualHost(Guest(Action(5, GuestEventKind.SetMaxMem, 400)));
        KiB before = host.Domain().MaxMem;
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(host.Domain().StaticMax, Is.EqualTo(KiB.FromMiB(2048)));
            Assert.That(host.Domain().MaxMem, Is.EqualTo(before));
        });
    }

    [Test]
    public void Domain_that_is_paused_while_it_is_built_has_not_run()
    {
        GuestDescription guest = Guest(Action(5.5, GuestEventKind.Pause), Action(20, GuestEventKind.Unpause)) with
        {
            CreatedAt = TimeSpan.FromSeconds(5),
            BuildTime = TimeSpan.FromSeconds(1),
        };
        using var host = new VirtualHost(guest);
        host.Run(10);
        bool hasRunWhilePaused = host.Domain().HasRun;
        host.Run(15);
        Assert.That((hasRunWhilePaused, host.Domain().HasRun), Is.EqualTo((false, true)));
    }

    [Test]
    public void Suspended_guest_does_not_move_until_it_is_resumed()
    {
        using var host = new VirtualHost(Guest(Action(5, GuestEventKind.Suspend), Action(50, GuestEventKind.Resume)));
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
    public void Saved_domain_is_suspended_and_then_frees_its_memory()
    {
        using var host = new VirtualHost(Guest(Action(5, GuestEventKind.Save)));
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
    public void Restored_domain_has_a_new_domid_the_same_UUID_and_the_same_memory()
    {
        GuestDescription guest = Guest(Action(5, GuestEventKind.Save), Action(30, GuestEventKind.Restore)) with
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
    public void Restored_domain_has_its_swapped_memory()
    {
        GuestDescription guest = Guest(Action(20, GuestEventKind.Save), Action(30, GuestEventKind.Restore)) with
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
    public void Restore_fails_and_is_counted_if_its_memory_is_not_free()
    {
        Scenario scenario = VirtualHost.Hosting(
            Guest(Action(5, GuestEventKind.Save), Action(30, GuestEventKind.Restore)),
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
    public void Rebooted_guest_has_its_target_as_boot_memory_a_new_domid_and_the_same_UUID()
    {
        using var host =
            new VirtualHost(Guest(Action(20, GuestEventKind.Reboot)) with { BootTime = TimeSpan.FromSeconds(5) });
        DomainIdentity before = host.Domain().Identity;
        host.Resize(300);
        host.Run(20.1);
        DomainSnapshot leaving = host.Domain();
        host.Run(5);
        DomainSnapshot dying = host.Domain();
        host.Run(0.9);
        DomainSnapshot? gone = host.Find("guest");
        host.Run(1);
        DomainSnapshot building = host.Domain();
        host.Run(3);
        DomainSnapshot booting = host.Domain();
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(leaving.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
            Assert.That(leaving.LeavingSince, Is.Not.Null);
            Assert.That(dying.Lifecycle, Is.EqualTo(DomainLifecycle.Dying));
            Assert.That(dying.ShutdownReason, Is.EqualTo(ShutdownReason.Reboot));
            Assert.That(gone, Is.Null);
            Assert.That(building.Lifecycle, Is.EqualTo(DomainLifecycle.Building));
            Assert.That(building.Actual + building.Outstanding, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(building.Identity.Domid, Is.GreaterThan(before.Domid));
            Assert.That(building.Identity.Uuid, Is.EqualTo(before.Uuid));
            Assert.That(booting.Target, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(booting.BootMemory, Is.Null, "no balancer has recorded it yet");
            Assert.That(booting.Report, Is.Null);
            Assert.That(host.Domain().Report, Is.Not.Null);
            Assert.That(host.Outcome().Resident, Is.EqualTo(KiB.FromMiB(128)));
        });
    }

    [Test]
    public void Command_for_the_domain_before_its_reboot_fails_as_gone()
    {
        using var host = new VirtualHost(Guest(Action(20, GuestEventKind.Reboot)));
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
    public void Migrating_domain_keeps_its_memory_until_it_is_sent_at_100_MiB_per_second()
    {
        using var host = new VirtualHost(Guest(Action(5, GuestEventKind.MigrateAway)));
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
    public void Crash_ends_the_guest_and_is_not_counted_as_panic()
    {
        using var host = new VirtualHost(Guest(Action(5, GuestEventKind.Crash)));
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
    public void Paused_guest_ignores_suspend_save_reboot_migrate_and_crash()
    {
        GuestEventKind[] kinds =
        [
            GuestEventKind.Suspend,
            GuestEventKind.Save,
            GuestEventKind.Reboot,
            GuestEventKind.MigrateAway,
            GuestEventKind.Crash,
        ];
        using var host =
            new VirtualHost(Guest([Action(5, GuestEventKind.Pause), .. kinds.Select(kind => Action(6, kind))]));
        host.Run(30);
        Assert.That(host.Domain().Lifecycle, Is.EqualTo(DomainLifecycle.Paused));
    }

    [Test]
    public void Driver_that_gave_up_retries_after_resume()
    {
        using var host = new VirtualHost(Guest(Action(60, GuestEventKind.Suspend), Action(61, GuestEventKind.Resume)));
        host.Order(HostCommandKind.SetMaxMem, 600);
        host.Order(HostCommandKind.SetTarget, 1000);
        host.Run(59);
        host.Order(HostCommandKind.SetMaxMem, 2000);
        host.Run(3);
        Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(1000)));
    }

    [Test]
    public void Cap_above_the_static_maximum_is_not_usable_even_after_a_reboot()
    {
        using var host =
            new VirtualHost(Guest(Action(5, GuestEventKind.SetMaxMem, 3000), Action(20, GuestEventKind.Reboot)));
        host.Run(6);
        host.Resize(2500);
        host.Run(10);
        KiB before = host.Domain().Actual;
        host.Run(30);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(KiB.FromMiB(2048)));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(2048)));
            Assert.That(host.Domain().StaticMax, Is.EqualTo(KiB.FromMiB(2048)));
        });
    }

    [Test]
    public void Rebooted_guest_has_at_most_its_static_maximum()
    {
        using var host = new VirtualHost(Guest(Action(20, GuestEventKind.Reboot)));
        host.Resize(3000);
        host.Run(40);
        Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(2048)));
    }

    [Test]
    public void Promise_to_a_suspended_guest_counts_as_promised()
    {
        Scenario scenario = VirtualHost.Hosting(Guest(Action(5, GuestEventKind.Suspend))) with
        {
            HostTotal = KiB.FromMiB(512 + 512 + 100),
        };
        using var host = new VirtualHost(scenario);
        host.Run(10);
        host.Resize(700);
        Assert.That(host.Host.Report().Host.Violations, Is.EqualTo(1));
    }

    private static GuestDescription Guest(params GuestEvent[] events) =>
        VirtualHost.Guest() with { Events = [.. events] };

    private static GuestEvent Action(double second, GuestEventKind kind, int mib = 0) =>
        new(TimeSpan.FromSeconds(second), kind, KiB.FromMiB(mib));
}
