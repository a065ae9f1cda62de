using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Guests;

public sealed class LifecycleTests
{
    private static readonly GuestDescription Newcomer = VirtualHost.Guest("newcomer") with
    {
        CreatedAt = TimeSpan.FromSeconds(10),
        BuildTime = TimeSpan.FromSeconds(2),
        BootTime = TimeSpan.FromSeconds(20),
    };

    [Test]
    public void New_domain_takes_its_memory_at_creation_and_has_no_target_until_it_is_built()
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
            Assert.That(built.BootMemory, Is.Null, "no balancer has recorded it yet");
        });
    }

    [TestCase(0.5, 0.25)]
    [TestCase(1, 0.5)]
    [TestCase(1.5, 0.75)]
    [TestCase(2.2, 1)]
    public void Domain_is_populated_evenly_while_it_is_built(double seconds, double part)
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
    public void Domain_destroyed_while_it_is_built_frees_its_claimed_memory()
    {
        using var host = new VirtualHost(
            Newcomer with { Events = [new GuestEvent(TimeSpan.FromSeconds(11), GuestEventKind.Destroy)] });
        host.Run(13);
        Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.FromMiB(8192 - 512)));
    }

    [Test]
    public void Booting_guest_neither_reports_nor_moves()
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
    public void Start_fails_and_is_counted_if_too_little_memory_is_free()
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
    public void Paused_guest_does_not_move_until_it_is_unpaused()
    {
        GuestEvent[] events =
            [new(TimeSpan.FromSeconds(5), GuestEventKind.Pause), new(TimeSpan.FromSeconds(50), GuestEventKind.Unpause)];
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
    public void Destroyed_domain_is_dying_and_then_frees_its_memory()
    {
        using var host = new VirtualHost(
            VirtualHost.Guest() with { Events = [new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.Destroy)] });
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
    public void Later_domain_has_its_own_domid_and_UUID()
    {
        using var host = new VirtualHost(
            VirtualHost.Guest("first") with
            {
                Events = [new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.Destroy)],
            },
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
    public void Time_below_the_slack_is_counted()
    {
        Scenario scenario = VirtualHost.Hosting(
            Newcomer with { Events = [new GuestEvent(TimeSpan.FromSeconds(20), GuestEventKind.Destroy)] });
        using var host = new VirtualHost(scenario with { HostTotal = KiB.FromMiB(512 + 512 + 63) });
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(host.Host.Report().Host.LowestFree, Is.EqualTo(KiB.FromMiB(63)));
            Assert.That(
                host.Host.Report().Host.BelowSlack,
                Is.EqualTo(TimeSpan.FromSeconds(10.5)).Within(TimeSpan.FromSeconds(0.2)));
        });
    }
}

public sealed class PopulationTests
{
    private static readonly GuestDescription Newcomer = VirtualHost.Guest() with
    {
        Kind = DomainKind.Hvm,
        PopulatesOnDemand = true,
        CreatedAt = TimeSpan.FromSeconds(1),
        BootTime = TimeSpan.FromSeconds(20),
    };

    [Test]
    public void Guest_populates_on_demand_until_its_balloon_reaches_the_first_target()
    {
        using var host = new VirtualHost(Newcomer);
        host.Run(20);
        bool booting = host.Domain().PopulatesOnDemand;
        host.Run(5);
        bool up = host.Domain().PopulatesOnDemand;
        host.Resize(400);
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(booting, Is.True);
            Assert.That(up, Is.False);
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(400)));
            Assert.That(host.Outcome().Panics, Is.Zero);
        });
    }

    [Test]
    public void Guest_panics_if_its_target_is_lowered_before_it_is_populated()
    {
        using var host = new VirtualHost(Newcomer);
        host.Run(10);
        host.Resize(400);
        host.Run(10);
        DomainSnapshot booting = host.Domain();
        host.Run(2.5);
        DomainSnapshot up = host.Domain();
        host.Run(5);
        Assert.Multiple(() =>
        {
            Assert.That(booting.Lifecycle, Is.EqualTo(DomainLifecycle.Running));
            Assert.That(up.Lifecycle, Is.EqualTo(DomainLifecycle.Shutdown));
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Outcome().Panics, Is.EqualTo(1));
        });
    }

    [Test]
    public void Guest_whose_target_is_raised_is_populated_once_it_has_grown()
    {
        using var host =
            new VirtualHost(Newcomer with { Balloon = new BalloonDescription { GrowPerSecond = KiB.FromMiB(10) } });
        host.Run(10);
        host.Resize(612);
        host.Run(14);
        bool growing = host.Domain().PopulatesOnDemand;
        host.Run(10);
        Assert.Multiple(() =>
        {
            Assert.That(growing, Is.True);
            Assert.That(host.Domain().PopulatesOnDemand, Is.False);
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(612)));
        });
    }

    [Test]
    public void Guest_that_runs_at_the_beginning_is_populated()
    {
        using var host = new VirtualHost(Newcomer with { CreatedAt = null });
        Assert.That(host.Domain().PopulatesOnDemand, Is.False);
    }
}
