using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Guests;

/// <summary>The kernel's pressure stall information (PSI) and counters in the reports of our agent.</summary>
public sealed class PressureStallTests
{
    [Test]
    public void Guest_with_enough_memory_has_no_pressure()
    {
        using var host = new VirtualHost(Agent());
        host.Run(60);
        GuestVitals vitals = Vitals(host);
        Assert.Multiple(() =>
        {
            Assert.That(vitals.MemorySomeTotal, Is.EqualTo(TimeSpan.Zero));
            Assert.That(vitals.MemorySome, Is.Zero);
            Assert.That(vitals.IoSome, Is.Zero);
            Assert.That(vitals.SwapIns, Is.Zero);
        });
    }

    [Test]
    public void Thrashing_guest_has_memory_pressure_and_swap_ins()
    {
        using var host = new VirtualHost(Agent() with { Anonymous = new ConstantLoad(KiB.FromMiB(400)) });
        host.Resize(300);
        host.Run(60);
        GuestVitals vitals = Vitals(host);
        GuestOutcome outcome = host.Outcome();
        Assert.Multiple(() =>
        {
            Assert.That(vitals.MemorySome, Is.InRange(0.9, 1));
            Assert.That(
                vitals.MemorySomeTotal, Is.InRange(outcome.Stalled - TimeSpan.FromSeconds(1.1), outcome.Stalled));
            Assert.That(vitals.SwapIns, Is.Positive.And.LessThanOrEqualTo(outcome.SwapFaults));
            Assert.That(vitals.SwapUsed, Is.EqualTo(outcome.Swapped));
            Assert.That(vitals.SwapTotal, Is.EqualTo(KiB.FromMiB(1024)));
        });
    }

    [Test]
    public void Reads_that_every_cache_would_miss_are_IO_pressure_only()
    {
        using var host = new VirtualHost(Agent() with { Cache = Reading(100) });
        host.Run(60);
        GuestVitals vitals = Vitals(host);
        Assert.Multiple(() =>
        {
            Assert.That(vitals.IoSome, Is.EqualTo(0.05).Within(0.001));
            Assert.That(vitals.MemorySomeTotal, Is.EqualTo(TimeSpan.Zero));
        });
    }

    [Test]
    public void Refaults_are_memory_pressure()
    {
        using var host = new VirtualHost(Agent() with { Cache = Reading(600) });
        host.Run(60);
        GuestVitals vitals = Vitals(host);

        // Of the lookups 74 % miss the available 315.75 MiB, and 50 % would miss even a cache of the whole working set.
        double part = 1 - (0.5 / (1 - (0.5 * 315.75 / 600)));
        Assert.Multiple(() =>
        {
            Assert.That(vitals.MemorySome, Is.EqualTo(vitals.IoSome * part).Within(0.001));
            Assert.That(vitals.SwapIns, Is.Zero);
        });
    }

    [Test]
    public void Allocation_waits_until_other_pages_are_swapped_out()
    {
        LoadPoint[] growth = [new(TimeSpan.Zero, KiB.FromMiB(100)), new(TimeSpan.FromSeconds(5), KiB.FromMiB(200))];
        using var host = new VirtualHost(
            Agent() with { Anonymous = new StepLoad([.. growth]), Cold = new ConstantLoad(KiB.FromMiB(343)) });
        host.Run(20);

        // 100 MiB are swapped out at 200 MiB/s.
        Assert.Multiple(() =>
        {
            Assert.That(Vitals(host).SwapIns, Is.Zero);
            Assert.That(Vitals(host).MemorySomeTotal!.Value.TotalSeconds, Is.EqualTo(0.5).Within(0.02));
            Assert.That(host.Outcome().Stalled, Is.EqualTo(Vitals(host).MemorySomeTotal));
        });
    }

    [TestCase(1.9, 0)]
    [TestCase(3.9, 2)]
    [TestCase(10, 10)]
    public void Average_is_updated_every_two_seconds(double seconds, double counted)
    {
        using var host = new VirtualHost(Looping(25_000));
        host.Run(seconds);
        Assert.Multiple(() =>
        {
            Assert.That(Vitals(host).MemorySome, Is.EqualTo(0.25 * (1 - Math.Exp(-counted / 10))).Within(1e-9));
            Assert.That(Vitals(host).MemorySomeTotal, Is.EqualTo(TimeSpan.FromSeconds(0.25 * seconds)));
        });
    }

    private static GuestVitals Vitals(VirtualHost host) => host.Domain().Report!.Vitals!;

    // 10,000 lookups per second. A cache of the whole working set misses half of them. A miss takes 10 µs.
    private static CacheDescription Reading(int workingSetMiB) => new()
    {
        WorkingSet = KiB.FromMiB(workingSetMiB),
        LookupsPerSecond = 10_000,
        Curve = new TableMissCurve([new MissPoint(1, 0.5)]),
    };

    // Each lookup misses and takes 10 µs.
    private static GuestDescription Looping(double lookups) => VirtualHost.Guest() with
    {
        Cache = new CacheDescription
        {
            WorkingSet = KiB.FromMiB(4096),
            LookupsPerSecond = lookups,
            Curve = new LoopMissCurve(),
        },
        Reporting = new ReportingDescription { Source = ReportSource.Agent, Habit = ReportHabit.Flooding },
    };

    private static GuestDescription Agent() => VirtualHost.Guest() with
    {
        Reporting = new ReportingDescription { Source = ReportSource.Agent, Interval = TimeSpan.FromSeconds(1) },
    };
}
