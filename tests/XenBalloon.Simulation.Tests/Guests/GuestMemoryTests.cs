using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Guests;

/// <summary>The model must show the harm of too little memory, or else a good result proves nothing.</summary>
public sealed class GuestMemoryTests
{
    private static readonly GuestDescription Busy =
        VirtualHost.Guest() with { Anonymous = new ConstantLoad(KiB.FromMiB(300)) };

    [Test]
    public void Guest_with_enough_memory_neither_swaps_nor_waits()
    {
        using var host = new VirtualHost(Busy);
        host.Run(600);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(outcome.SwapFaults, Is.Zero);
            Assert.That(outcome.Stalled, Is.EqualTo(TimeSpan.Zero));
            Assert.That(outcome.Worked, Is.EqualTo(TimeSpan.FromSeconds(600)));
            Assert.That(outcome.Resident, Is.EqualTo(KiB.FromMiB(300)));
        });
    }

    [Test]
    public void Guest_below_its_use_swaps_and_slows_down()
    {
        using var host = new VirtualHost(Busy);
        host.Resize(300);
        host.Run(60);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(host.Domain().Actual, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(outcome.Swapped, Is.GreaterThan(KiB.FromMiB(50)));
            Assert.That(outcome.SwapFaults, Is.Positive);
            Assert.That(outcome.Stalled, Is.GreaterThan(TimeSpan.FromSeconds(5)));
            Assert.That(outcome.OomKills, Is.Zero);
        });
    }

    [Test]
    public void Swapped_memory_returns_when_the_guest_grows()
    {
        using var host = new VirtualHost(Busy);
        host.Resize(300);
        host.Run(60);
        host.Resize(600);
        host.Run(120);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().Swapped, Is.EqualTo(KiB.Zero));
            Assert.That(host.Outcome().Resident, Is.EqualTo(KiB.FromMiB(300)));
        });
    }

    [Test]
    public void Guest_below_its_use_with_full_swap_has_an_OOM_kill()
    {
        using var host = new VirtualHost(Busy with { Swap = new SwapDescription { Size = KiB.FromMiB(64) } });
        host.Resize(300);
        host.Run(20);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
            Assert.That(host.Find("guest"), Is.Not.Null);
        });
    }

    [Test]
    public void Guest_below_its_essential_memory_panics()
    {
        using var host = new VirtualHost(Busy with { Swap = SwapDescription.None });
        host.Resize(60);
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().Panics, Is.EqualTo(1));
            Assert.That(host.Outcome().Present, Is.False);
            Assert.That(host.Find("guest"), Is.Null);
            Assert.That(host.Host.Observe().Free, Is.EqualTo(KiB.FromMiB(8192 - 512)));
        });
    }

    [Test]
    public void Killed_programs_restart_later()
    {
        var load = new StepLoad(
        [
            new LoadPoint(TimeSpan.Zero, KiB.FromMiB(100)),
            new LoadPoint(TimeSpan.FromSeconds(10), KiB.FromMiB(600)),
        ]);
        using var host = new VirtualHost(VirtualHost.Guest() with { Anonymous = load, Swap = SwapDescription.None });
        host.Run(20);
        GuestOutcome killed = host.Outcome();
        host.Resize(1000);
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(killed.OomKills, Is.EqualTo(1));
            Assert.That(killed.Resident, Is.LessThan(KiB.FromMiB(100)));
            Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
            Assert.That(host.Outcome().Resident, Is.EqualTo(KiB.FromMiB(600)));
        });
    }

    [Test]
    public void Files_that_do_not_fit_into_the_cache_are_read_again()
    {
        GuestDescription reading = Busy with { Files = new ConstantLoad(KiB.FromMiB(100)) };
        using var large = new VirtualHost(reading);
        using var small = new VirtualHost(reading);
        small.Resize(400);
        large.Run(60);
        small.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(large.Outcome().FileFaults, Is.Zero);
            Assert.That(small.Outcome().FileFaults, Is.Positive);
            Assert.That(small.Outcome().Swapped, Is.EqualTo(KiB.Zero));
        });
    }

    [Test]
    public void Mem_set_below_the_use_causes_an_OOM_kill()
    {
        var memSet = new GuestEvent(TimeSpan.FromSeconds(5), GuestEventKind.SetTarget, KiB.FromMiB(200));
        using var host = new VirtualHost(Busy with { Swap = SwapDescription.None, Events = [memSet] });
        host.Run(4);
        KiB before = host.Domain().Target!.Value;
        host.Run(6);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(KiB.FromMiB(512)));
            Assert.That(host.Domain().Target, Is.EqualTo(KiB.FromMiB(200)));
            Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
            Assert.That(host.Outcome().TargetsWritten, Is.Zero);
        });
    }
}

/// <summary>Memory that programs never touch, and shared memory, which Linux counts as cache.</summary>
public sealed class ColdMemoryTests
{
    [Test]
    public void Cold_memory_is_swapped_first_and_never_read_back()
    {
        using var host = new VirtualHost(Holding(hot: 100, cold: 200));
        host.Resize(300);
        host.Run(60);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Swapped, Is.InRange(KiB.FromMiB(60), KiB.FromMiB(80)));
            Assert.That(outcome.SwapFaults, Is.Zero);
            Assert.That(outcome.Stalled, Is.EqualTo(TimeSpan.Zero));
        });
    }

    [Test]
    public void Cold_memory_in_RAM_counts_as_used()
    {
        using var host = new VirtualHost(Holding(hot: 100, cold: 200));
        host.Run(2);
        GuestReport report = host.Domain().Report!;
        Assert.Multiple(() =>
        {
            Assert.That(report.Vitals!.Anonymous, Is.EqualTo(KiB.FromMiB(300)));
            Assert.That(report.Used, Is.InRange(KiB.FromMiB(300), KiB.FromMiB(310)));
        });
    }

    [Test]
    public void Shared_memory_counts_as_used_and_not_as_cache()
    {
        using var host = new VirtualHost(Holding(hot: 100, shared: 150));
        host.Run(2);
        GuestReport report = host.Domain().Report!;
        Assert.Multiple(() =>
        {
            Assert.That(report.Vitals!.Shared, Is.EqualTo(KiB.FromMiB(150)));
            Assert.That(report.Vitals.Anonymous, Is.EqualTo(KiB.FromMiB(100)));
            Assert.That(report.Vitals.FileCache, Is.EqualTo(report.Available));
            Assert.That(report.Used, Is.InRange(KiB.FromMiB(250), KiB.FromMiB(260)));
        });
    }

    [Test]
    public void Shared_memory_is_swapped_after_cold_and_before_hot_memory_and_read_back()
    {
        using var host = new VirtualHost(Holding(hot: 100, shared: 100, cold: 100));
        host.Resize(250);
        host.Run(60);
        GuestVitals vitals = host.Domain().Report!.Vitals!;
        Assert.Multiple(() =>
        {
            Assert.That(vitals.Anonymous, Is.EqualTo(KiB.FromMiB(100)));
            Assert.That(vitals.Shared, Is.InRange(KiB.FromMiB(70), KiB.FromMiB(90)));
            Assert.That(host.Outcome().SwapFaults, Is.Positive);
        });
    }

    [Test]
    public void Shared_memory_that_does_not_fit_into_RAM_and_swap_causes_an_OOM_kill()
    {
        using var host = new VirtualHost(Holding(hot: 100, shared: 200) with { Swap = SwapDescription.None });
        host.Resize(300);
        host.Run(20);
        Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
    }

    [Test]
    public void Hot_memory_replaces_cold_memory_in_RAM()
    {
        GuestDescription guest = Holding(hot: 300) with
        {
            Cold = new StepLoad(
                [new LoadPoint(TimeSpan.Zero, KiB.Zero), new LoadPoint(TimeSpan.FromSeconds(60.2), KiB.FromMiB(200))]),
        };
        using var host = new VirtualHost(guest);
        host.Resize(300);
        host.Run(60);
        long thrashed = host.Outcome().SwapFaults;
        host.Resize(500);
        host.Run(240);
        long before = host.Outcome().SwapFaults;
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(thrashed, Is.Positive);
            Assert.That(host.Outcome().SwapFaults, Is.EqualTo(before));
            Assert.That(host.Outcome().Swapped, Is.InRange(KiB.FromMiB(50), KiB.FromMiB(80)));
        });
    }

    [Test]
    public void Committed_memory_is_all_held_memory_plus_the_overcommit()
    {
        using var host = new VirtualHost(Holding(hot: 100, shared: 60, cold: 40) with { Overcommit = 0.5 });
        host.Resize(200);
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().Swapped, Is.GreaterThan(KiB.Zero));
            Assert.That(host.Domain().Report!.Vitals!.Committed, Is.EqualTo(KiB.FromMiB(300)));
        });
    }

    private static GuestDescription Holding(int hot, int shared = 0, int cold = 0) => VirtualHost.Guest() with
    {
        Anonymous = new ConstantLoad(KiB.FromMiB(hot)),
        Shared = new ConstantLoad(KiB.FromMiB(shared)),
        Cold = new ConstantLoad(KiB.FromMiB(cold)),
        Reporting = new ReportingDescription { Source = ReportSource.Agent, Interval = TimeSpan.FromSeconds(1) },
    };
}
