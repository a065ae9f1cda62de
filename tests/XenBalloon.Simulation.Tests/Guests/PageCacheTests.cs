using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Guests;

public sealed class PageCacheTests
{
    private static readonly TableMissCurve Line = new([new MissPoint(1, 0)]);

    [Test]
    public void Cache_as_large_as_the_working_set_misses_as_its_curve_says()
    {
        using var host = new VirtualHost(Reading(100, new TableMissCurve([new MissPoint(1, 0.1)])));
        host.Run(100);
        Assert.Multiple(() =>
        {
            Assert.That(host.Outcome().FileFaults, Is.EqualTo(10_000).Within(1));
            Assert.That(host.Outcome().Stalled, Is.EqualTo(TimeSpan.FromMicroseconds(10) * host.Outcome().FileFaults));
        });
    }

    [Test]
    public void Smaller_cache_misses_as_its_curve_says()
    {
        using var host = new VirtualHost(Reading(200, Line));
        host.Resize(300);
        (double missed, KiB available) = MissedEachSecond(host);
        Assert.Multiple(() =>
        {
            Assert.That(available, Is.InRange(KiB.FromMiB(80), KiB.FromMiB(120)));
            Assert.That(missed, Is.EqualTo(1000 * (1 - Part(available, 200))).Within(5));
        });
    }

    [Test]
    public void Repeatedly_read_files_are_cached_first()
    {
        using var host = new VirtualHost(Reading(200, Line) with { Files = new ConstantLoad(KiB.FromMiB(60)) });
        host.Resize(300);
        (double missed, KiB available) = MissedEachSecond(host);
        Assert.That(missed, Is.EqualTo(1000 * (1 - Part(available - KiB.FromMiB(60), 200))).Within(5));
    }

    [Test]
    public void File_reads_are_limited_by_the_speed_of_the_disk()
    {
        using var host = new VirtualHost(Reading(4096, new LoopMissCurve(), lookups: 1e6));
        host.Run(10);
        Assert.That(host.Outcome().FileFaults, Is.EqualTo(10 * 200 * 256));
    }

    [Test]
    public void Miss_curves_start_at_1_and_never_rise()
    {
        MissCurve[] curves = [new ExponentialMissCurve(), new LongTailMissCurve(), new LoopMissCurve(), Line];
        foreach (MissCurve curve in curves)
        {
            double[] misses = [.. Enumerable.Range(0, 30).Select(tenth => curve.At(tenth / 10.0))];
            Assert.Multiple(() =>
            {
                Assert.That(misses[0], Is.EqualTo(1));
                Assert.That(misses, Is.Ordered.Descending);
                Assert.That(misses, Is.All.InRange(0, 1));
            });
        }
    }

    [Test]
    public void Curve_is_evaluated_at_most_once_a_second_while_the_cache_hardly_changes()
    {
        var curve = new CountedCurve();
        var swinging = new SineLoad(KiB.FromMiB(128), new KiB(900), TimeSpan.FromSeconds(5));
        using var host = new VirtualHost(Reading(400, curve) with { Anonymous = swinging });
        host.Run(1);
        host.Host.Observe();
        int before = curve.Evaluations;
        host.Run(100);
        host.Host.Observe();
        Assert.That(curve.Evaluations - before, Is.InRange(50, 103));
    }

    [Test]
    public void Curve_is_evaluated_at_once_when_the_cache_changes_much()
    {
        // The loop needs 310 of 315 available MiB: it misses during the 0.3 s in which 10 MiB are used otherwise.
        LoadPoint[] points = [new(TimeSpan.Zero, KiB.FromMiB(128)), At(10.1, 138), At(10.4, 128)];
        using var host =
            new VirtualHost(Reading(310, new LoopMissCurve()) with { Anonymous = new StepLoad([.. points]) });
        host.Run(20);
        Assert.That(host.Outcome().FileFaults, Is.EqualTo(300));
    }

    private static LoadPoint At(double seconds, int mib) => new(TimeSpan.FromSeconds(seconds), KiB.FromMiB(mib));

    private static double Part(KiB cache, int workingSetMiB) => (double)cache.Value / KiB.FromMiB(workingSetMiB).Value;

    private static (double Missed, KiB Available) MissedEachSecond(VirtualHost host)
    {
        host.Run(30);
        long before = host.Outcome().FileFaults;
        host.Run(100);
        return ((host.Outcome().FileFaults - before) / 100.0, host.Domain().Report!.Available!.Value);
    }

    private static GuestDescription Reading(int workingSetMiB, MissCurve curve, double lookups = 1000) =>
        VirtualHost.Guest() with
        {
            Cache = new CacheDescription
            {
                WorkingSet = KiB.FromMiB(workingSetMiB),
                LookupsPerSecond = lookups,
                Curve = curve,
            },
        };

    private sealed record CountedCurve : MissCurve
    {
        public int Evaluations { get; private set; }

        public override double At(double fill)
        {
            Evaluations++;
            return 1 / (1 + fill);
        }
    }
}
