using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests;

/// <summary>Memory that programs hold and never touch, and memory that looks like cache and is none.</summary>
public sealed class ColdMemoryTests
{
    [Test]
    public void Cold_memory_is_swapped_first_and_never_missed()
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
    public void Cold_memory_counts_as_used_as_long_as_it_is_in_memory()
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
    public void Shared_memory_is_used_and_no_cache()
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
    public void Shared_memory_is_swapped_after_cold_and_before_hot_memory_and_is_missed()
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
    public void Shared_memory_that_fits_neither_in_memory_nor_in_swap_is_no_cache_to_drop()
    {
        using var host = new VirtualHost(Holding(hot: 100, shared: 200) with { Swap = SwapDescription.None });
        host.Resize(300);
        host.Run(20);
        Assert.That(host.Outcome().OomKills, Is.EqualTo(1));
    }

    [Test]
    public void Hot_memory_comes_back_from_swap_in_place_of_cold()
    {
        GuestDescription guest = Holding(hot: 300) with
        {
            Cold = new StepLoad([new LoadPoint(TimeSpan.Zero, KiB.Zero), new LoadPoint(TimeSpan.FromSeconds(60.2), KiB.FromMiB(200))]),
        };
        using var host = new VirtualHost(guest);
        host.Resize(300);
        host.Run(60);
        long thrashed = host.Outcome().SwapFaults;
        host.Resize(500);
        host.Run(240);
        long settled = host.Outcome().SwapFaults;
        host.Run(60);
        Assert.Multiple(() =>
        {
            Assert.That(thrashed, Is.Positive);
            Assert.That(host.Outcome().SwapFaults, Is.EqualTo(settled));
            Assert.That(host.Outcome().Swapped, Is.InRange(KiB.FromMiB(50), KiB.FromMiB(80)));
        });
    }

    [Test]
    public void What_programs_were_promised_is_all_that_they_hold_and_a_part_more()
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
