using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Jobs;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Memory;

namespace XenBalloon.Benchmarks;

/// <summary>How long it takes to share a host out: domains of all weights and sizes, some at a bound, and a little more or less memory each time.</summary>
[MemoryDiagnoser]
[SimpleJob(RuntimeMoniker.Net10_0, warmupCount: 3, iterationCount: 10)]
public class SolverBenchmark
{
    private readonly ShareSolver solver = new();
    private ShareCurve[] curves = [];
    private KiB[] shares = [];
    private KiB capacity;
    private int turn;

    /// <summary>How many domains the host has.</summary>
    [Params(10, 100, 1_000, 10_000)]
    public int Curves { get; set; }

    /// <summary>Whether minimums and maximums are near enough to hold for many domains.</summary>
    [Params(false, true)]
    public bool Bounded { get; set; }

    /// <summary>Domains of 1 to 64 GiB that use a tenth to nine tenths of it, on a host with half of what they may have.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        curves = [.. Enumerable.Range(0, Curves).Select(_ => Curve(random))];
        shares = new KiB[Curves];
        capacity = new KiB(curves.Sum(curve => (curve.Lower + curve.Upper).Value) / (Bounded ? 2 : 500));
    }

    /// <summary>Shares the host out once.</summary>
    [Benchmark]
    public double Solve() => solver.Solve(curves, capacity + KiB.FromMiB(++turn % 64), shares);

    private ShareCurve Curve(Random random)
    {
        KiB size = KiB.FromMiB(random.NextInt64(1024, 65_536));
        int weight = Bounded ? (int)Math.Pow(10, random.NextDouble() * 4) : random.Next(100, 1000);
        KiB active = size.Times(0.1 + (0.8 * random.NextDouble()));
        return Bounded
            ? ShareCurve.FairShare(weight, active, 0.75, size.Times(0.25), size)
            : ShareCurve.FairShare(weight, active, 0.75, KiB.Zero, size.Times(1000));
    }
}
