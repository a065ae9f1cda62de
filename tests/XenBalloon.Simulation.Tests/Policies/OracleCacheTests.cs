using System.Collections.Immutable;
using CsCheck;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Tests.Policies;

public sealed class OracleCacheTests
{
    private static readonly Gen<CacheDescription> Caches =
        from workingSet in Gen.Int[20, 500]
        from lookups in Gen.Double[100, 20_000]
        from exponent in Gen.Double[0.5, 3]
        from curve in Gen.OneOfConst<MissCurve>(new LongTailMissCurve(exponent), new ExponentialMissCurve(exponent / 4))
        select Cache(workingSet, lookups, curve);

    [Test]
    public void Cache_goes_to_the_guest_that_saves_the_most()
    {
        double[] sizes = Sizes(400, Guest(Cache(100, 10_000)), Guest(Cache(100, 100)));
        Assert.Multiple(() =>
        {
            Assert.That(sizes.Sum(), Is.EqualTo(400));
            Assert.That(sizes[0], Is.GreaterThan(250));
            Assert.That(sizes[1], Is.GreaterThanOrEqualTo(100), "what its programs use");
        });
    }

    [Test]
    public void Allocation_minimizes_total_slowdown() =>
        Gen.Select(Caches, Caches, Gen.Int[10, 1000]).Sample((first, other, capacity) =>
    {
        double[] sizes = Sizes(200 + capacity, Guest(first), Guest(other));
        double least = Enumerable.Range(0, 101).Min(
            part => Slowdown(first, capacity * part / 100.0) + Slowdown(other, capacity * (100 - part) / 100.0));
        return Slowdown(first, sizes[0] - 100) + Slowdown(other, sizes[1] - 100) <= least + 0.002;
    });

    [Test]
    public void Loop_gets_its_whole_working_set_or_nothing()
    {
        OracleGuest loop = Guest(Cache(200, 20_000, new LoopMissCurve()));
        OracleGuest other = Guest(Cache(100, 1000));
        Assert.Multiple(() =>
        {
            Assert.That(Sizes(390, loop, other), Is.EqualTo(new[] { 100, 290 }));
            Assert.That(Sizes(600, loop, other)[0], Is.InRange(300, 310));
        });
    }

    [Test]
    public void Step_in_a_table_is_indivisible()
    {
        var curve = new TableMissCurve(
            [new MissPoint(0.25, 0.9), new MissPoint(0.5, 0.85), new MissPoint(0.75, 0.1), new MissPoint(1, 0.1)]);
        ImmutableArray<CachePiece> pieces = CacheValue.Of(Cache(100, 10_000, curve));
        Assert.That(pieces.Single(piece => piece.IsIndivisible).End.MiB(), Is.InRange(75, 77));
        Assert.That(
            Sizes(260, Guest(Cache(100, 10_000, curve)), Guest(Cache(100, 100)))[0], Is.EqualTo(100),
            "60 MiB of cache would save it little");
    }

    [Test]
    public void No_piece_saves_more_than_the_one_before_it() => Caches.Sample(cache =>
    {
        ImmutableArray<CachePiece> pieces = CacheValue.Of(cache);
        return pieces.Zip(
            pieces.Skip(1),
            (before, after) => after.Saved <= before.Saved && after.End > before.End).All(holds => holds);
    });

    [Test]
    public void Programs_come_before_cache()
    {
        OracleGuest reader = Guest(Cache(100, 20_000));
        OracleGuest worker = new(KiB.FromMiB(50), KiB.FromMiB(2000), [OracleLevel.Programs(KiB.FromMiB(400))]);
        Assert.That(Sizes(500, reader, worker), Is.EqualTo(new[] { 100, 400 }));
    }

    [Test]
    public void Useless_cache_moves_no_memory()
    {
        OracleLevel[] has = [OracleLevel.Files(KiB.FromMiB(900)), OracleLevel.Files(KiB.FromMiB(100))];
        OracleGuest idle = Guest(CacheDescription.None) with { SurplusLevels = [has[0]] };
        OracleGuest modest = Guest(Cache(100, 1)) with { SurplusLevels = [has[1]] };
        Assert.That(Sizes(1000, idle, modest), Is.EqualTo(new[] { 900, 100 }));
    }

    [Test]
    public void Cache_with_equal_value_elsewhere_stays()
    {
        OracleGuest guest = Guest(Cache(160, 1000));
        double[] sizes = Sizes(400, guest with { Has = KiB.FromMiB(190) }, guest with { Has = KiB.FromMiB(210) });
        Assert.That(sizes, Is.EqualTo(new[] { 190, 210 }));
    }

    private static CacheDescription Cache(int workingSetMiB, double lookups, MissCurve? curve = null) =>
        new()
        {
            WorkingSet = KiB.FromMiB(workingSetMiB),
            LookupsPerSecond = lookups,
            Curve = curve ?? new LongTailMissCurve(),
        };

    /// <summary>A guest whose programs use 100 MiB.</summary>
    private static OracleGuest Guest(CacheDescription cache) =>
        new(KiB.FromMiB(50), KiB.FromMiB(2000), [OracleLevel.Programs(KiB.FromMiB(100))])
        {
            CacheFrom = KiB.FromMiB(100),
            Cache = CacheValue.Of(cache),
        };

    private static double[] Sizes(int capacity, params OracleGuest[] guests) =>
        [.. OraclePlan.Sizes(guests, KiB.FromMiB(capacity)).Select(size => size.MiB())];

    private static double Slowdown(CacheDescription cache, double mib) =>
        1 / (1 - (cache.LookupsPerSecond * 10e-6 * cache.Curve.At(mib * 1024 / cache.WorkingSet.Value)));
}
