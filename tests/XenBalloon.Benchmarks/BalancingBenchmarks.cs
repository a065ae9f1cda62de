using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Jobs;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using XenBalloon.Core;

namespace XenBalloon.Benchmarks;

/// <summary>
/// How long one decision takes on a full host, a fifth of the domains short of memory: on a host where nothing is new (each step sees other objects of the same
/// content), and with a new report from every domain in every step.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RuntimeMoniker.Net10_0, warmupCount: 3, iterationCount: 10)]
public class StepBenchmark
{
    private readonly BalancerSettings settings = new();
    private HostSnapshot[] quiet = [];
    private HostSnapshot[] busy = [];
    private Balancer balancer = new();
    private int turn;

    /// <summary>How many domains the host has.</summary>
    [Params(10, 100, 1_000, 10_000)]
    public int Domains { get; set; }

    /// <summary>Makes the snapshots to go through again and again, and lets the balancer come to rest.</summary>
    [GlobalSetup]
    public void Setup()
    {
        quiet = [.. Enumerable.Range(0, 2).Select(_ => Snapshot(100, 100))];
        busy = [.. Enumerable.Range(0, 64).Select(second => Snapshot(second, second))];
        balancer = new Balancer();
        foreach (HostSnapshot snapshot in quiet) balancer.Step(snapshot, settings);
    }

    /// <summary>One step in which nothing is new.</summary>
    [Benchmark(Baseline = true)]
    public int Quiet() => balancer.Step(quiet[++turn % quiet.Length], settings).Commands.Length;

    /// <summary>One step with a new report from every domain.</summary>
    [Benchmark]
    public int Reports() => balancer.Step(busy[++turn % busy.Length], settings).Commands.Length;

    private HostSnapshot Snapshot(int at, int second) => CrowdedHost.At(
        TimeSpan.FromSeconds(at),
        settings.Slack,
        Domains,
        second,
        used => new GuestReport(ReportSource.XenServer, used, CrowdedHost.GuestTotal, TimeSpan.FromSeconds(second)));
}

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

/// <summary>A host whose domains all hold as much, a fifth of them short of memory.</summary>
internal static class CrowdedHost
{
    private static readonly KiB Actual = KiB.FromMiB(1024);

    /// <summary>What each guest can use: what its domain holds, less its kernel's own part.</summary>
    internal static KiB GuestTotal { get; } = Actual - KiB.FromMiB(40);

    /// <summary>The host at one moment.</summary>
    /// <param name="at">When.</param>
    /// <param name="free">What is free.</param>
    /// <param name="domains">How many domains it has.</param>
    /// <param name="step">What the guests use changes a little with it.</param>
    /// <param name="report">How a guest reports that it uses this much.</param>
    internal static HostSnapshot At(TimeSpan at, KiB free, int domains, int step, Func<KiB, GuestReport> report) => new()
    {
        At = at,
        Total = KiB.FromMiB(1024L * (domains + 2)),
        Free = free,
        Domains = [.. Enumerable.Range(1, domains).Select(domid => Domain(domid, report(Used(domid, step))))],
    };

    private static KiB Used(int domid, int step) => KiB.FromMiB(domid % 5 == 0 ? 950 : 200 + (domid * 37 % 500) + (step % 7));

    private static DomainSnapshot Domain(int domid, GuestReport report) => new()
    {
        Identity = new DomainIdentity(domid, new Guid(domid, 0, 0, new byte[8])),
        Name = $"g{domid}",
        Actual = Actual,
        Target = Actual,
        MaxMem = Actual + KiB.FromMiB(1),
        StaticMax = KiB.FromMiB(4096),
        Report = report,
    };
}
