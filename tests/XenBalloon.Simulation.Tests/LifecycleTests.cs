using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

public sealed class LifecycleTests
{
    private static readonly GuestDescription Newcomer = VirtualHost.Guest("newcomer") with
    {
        CreatedAt = TimeSpan.FromSeconds(10),
        BuildTime = TimeSpan.FromSeconds(2),
        BootTime = TimeSpan.FromSeconds(20),
    };

    [Test]
    public void A_new_domain_takes_its_memory_out_of_what_is_free_at_creation_and_has_no_target_until_it_is_built()
    {
        using var host = new VirtualHost(Newcomer);
        host.Run(9.9);
        DomainSnapshot? before = host.Find("newcomer");
        host.Run(0.2);
        DomainSnapshot building = host.Domain("newcomer");
        KiB free = host.Host.Observe().Free;
        host.Run(2);
        DomainSnapshot built = host.Domain("newcomer");
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.Null);
            Assert.That(building.Lifecycle, Is.EqualTo(DomainLifecycle.Building));
            Assert.That(free, Is.EqualTo(KiB.FromMiB(8192 - 512 - 512)));
            Assert.That(building.Target, Is.Null);
            Assert.That(built.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
            Assert.That(built.Target, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(built.BootMemory, Is.EqualTo(KiB.FromMiB(512)));
        });
    }

    [TestCase(0.5, 0.25)]
    [TestCase(1, 0.5)]
    [TestCase(1.5, 0.75)]
    [TestCase(2.2, 1)]
    public void A_domain_is_populated_evenly_while_it_is_built_and_the_rest_is_claimed_for_it(double seconds, double part)
    {
        using var host = new VirtualHost(Newcomer);
        host.Run(10 + seconds);
        DomainSnapshot domain = host.Domain("newcomer");
        Assert.Multiple(() =>
        {
            Assert.That(domain.Actual.Value / (double)KiB.FromMiB(512).Value, Is.EqualTo(part).Within(0.06));
            Assert.That(domain.Actual + domain.Outstanding, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(domain.Actual, Is.EqualTo(domain.Actual.FloorToPage()));
        });
    }

    [Test]
    public void A_domain_that_is_destroyed_while_it_is_built_gives_back_what_was_claimed_for_it_too()
    {
        using var host = new VirtualHost(Newcomer with { Events = [new GuestEvent(TimeSpan.FromSeconds(11), GuestEventKind.Destroy)] });
        host.Run(13);
        Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.FromMiB(8192 - 512)));
    }

    [Test]
    public void A_guest_that_boots_late_neither_reports_nor_moves_until_it_is_up()
    {
        using var host = new VirtualHost(Newcomer with { BootTime = TimeSpan.FromSeconds(300) });
        host.Run(60);
        host.Resize(700, "newcomer");
        host.Run(240);
        DomainSnapshot booting = host.Domain("newcomer");
        host.Run(20);
        DomainSnapshot up = host.Domain("newcomer");
        Assert.Multiple(() =>
        {
            Assert.That(booting.Report, Is.Null);
            Assert.That(booting.Actual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(up.Report, Is.Not.Null);
            Assert.That(up.Actual, Is.EqualTo(KiB.FromMiB(700)));
        });
    }

    [Test]
    public void A_domain_for_which_too_little_is_free_does_not_start_and_is_counted()
    {
        using var host = new VirtualHost(VirtualHost.Hosting(Newcomer) with { HostTotal = KiB.FromMiB(1000) });
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(host.Find("newcomer"), Is.Null);
            Assert.That(host.Host.Report().Host.FailedStarts, Is.EqualTo(1));
        });
    }

    [Test]
    public void A_paused_guest_does_not_move_and_goes_on_when_it_is_unpaused()
    {
        GuestEvent[] events = [new(TimeSpan.FromSeconds(5), GuestEventKind.Pause), new(TimeSpan.FromSeconds(50), GuestEventKind.Unpause)];
        using var host = new VirtualHost(VirtualHost.Guest() with { Events = [.. events] });
        host.Run(10);
        host.Resize(400);
        host.Run(30);
        DomainSnapshot paused = host.Domain();
        host.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(paused.Lifecycle, Is.EqualTo(DomainLifecycle.Paused));
            Assert.That(paused.Actual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(paused.Report!.ReceivedAt, Is.LessThan(TimeSpan.FromSeconds(5)));
            Assert.That(host.Domain().Lifecycle, Is.EqualTo(DomainLifecycle.Running));
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(400)));
            Assert.That(host.Outcome().Worked, Is.EqualTo(TimeSpan.FromSeconds(15)).Within(TimeSpan.FromSeconds(0.3)));
        });
    }

    [Test]
    public void A_destroyed_domain_dies_for_a_moment_and_then_gives_all_its_memory_back()
    {
        using var host = new VirtualHost(VirtualHost.Guest() with { Events = [new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.Destroy)] });
        host.Run(5.1);
        DomainSnapshot dying = host.Domain();
        CommandOutcome late = host.Order(HostCommandKind.SetTarget, 400);
        host.Run(1);
        Assert.Multiple(() =>
        {
            Assert.That(dying.Lifecycle, Is.EqualTo(DomainLifecycle.Dying));
            Assert.That(dying.Actual, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(late.Status, Is.EqualTo(CommandStatus.DomainGone));
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.FromMiB(8192 - 512)));
        });
    }

    [Test]
    public void A_later_domain_has_a_domid_and_a_UUID_of_its_own()
    {
        using var host = new VirtualHost(
            VirtualHost.Guest("first") with { Events = [new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.Destroy)] },
            Newcomer);
        DomainIdentity first = host.Domain("first").Identity;
        host.Run(30);
        DomainIdentity second = host.Domain("newcomer").Identity;
        Assert.Multiple(() =>
        {
            Assert.That(second.Domid, Is.GreaterThan(first.Domid));
            Assert.That(second.Uuid, Is.Not.EqualTo(first.Uuid));
        });
    }

    [Test]
    public void Time_with_less_than_the_slack_free_is_counted()
    {
        Scenario scenario = VirtualHost.Hosting(Newcomer with { Events = [new GuestEvent(TimeSpan.FromSeconds(20), GuestEventKind.Destroy)] });
        using var host = new VirtualHost(scenario with { HostTotal = KiB.FromMiB(512 + 512 + 63) });
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(host.Host.Report().Host.LowestFree, Is.EqualTo(KiB.FromMiB(63)));
            Assert.That(host.Host.Report().Host.BelowSlack, Is.EqualTo(TimeSpan.FromSeconds(10.5)).Within(TimeSpan.FromSeconds(0.2)));
        });
    }
}
