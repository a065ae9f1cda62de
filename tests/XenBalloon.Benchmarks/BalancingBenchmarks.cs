using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Jobs;
using XenBalloon.Core;
using XenBalloon.Core.Allocation;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Benchmarks;

/// <summary>
/// Measures one balancing pass on a full host on which a fifth of the domains lacks memory: without changes, with a new
/// report from one domain, and with one from every domain. As on a real host, a domain that has not changed keeps its
/// snapshot.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RuntimeMoniker.Net10_0, warmupCount: 3, iterationCount: 10)]
public class StepBenchmark
{
    private readonly BalancerSettings settings = new();
    private HostSnapshot[] quiet = [];
    private HostSnapshot[] single = [];
    private HostSnapshot[] busy = [];
    private Balancer balancer = new();
    private int turn;

    /// <summary>The number of domains.</summary>
    [Params(10, 100, 1_000, 10_000)]
    public int Domains { get; set; }

    /// <summary>Creates the snapshots, and runs the balancer until it is settled.</summary>
    [GlobalSetup]
    public void Setup()
    {
        HostSnapshot first = Snapshot(100, 100);
        quiet = [first, first with { }];
        single = [.. Enumerable.Range(0, 64).Select(step => WithReport(first, step * Domains / 64, step))];
        busy = [.. Enumerable.Range(0, 64).Select(second => Snapshot(second, second))];
        balancer = new Balancer();
        foreach (HostSnapshot snapshot in quiet) balancer.Step(snapshot, settings);
    }

    /// <summary>A pass without changes.</summary>
    [Benchmark(Baseline = true)]
    public int Quiet() => balancer.Step(quiet[++turn % quiet.Length], settings).Commands.Length;

    /// <summary>A pass with a new report from one domain (from a second one, the report before is back).</summary>
    [Benchmark]
    public int Report() => balancer.Step(single[++turn % single.Length], settings).Commands.Length;

    /// <summary>A pass with a new report from every domain.</summary>
    [Benchmark]
    public int Reports() => balancer.Step(busy[++turn % busy.Length], settings).Commands.Length;

    private static HostSnapshot WithReport(HostSnapshot host, int index, int step)
    {
        DomainSnapshot domain = host.Domains[index];
        GuestReport report = domain.Report! with
        {
            Used = domain.Report!.Used + KiB.FromMiB(1 + (step % 7)),
            ReceivedAt = host.At + TimeSpan.FromTicks(step),
        };
        return host with { Domains = host.Domains.SetItem(index, domain with { Report = report }) };
    }

    private HostSnapshot Snapshot(int at, int second) => CrowdedHost.At(
        TimeSpan.FromSeconds(at),
        settings.Slack,
        Domains,
        second,
        used => new GuestReport(ReportSource.XenServer, used, CrowdedHost.GuestTotal, TimeSpan.FromSeconds(second)));
}

/// <summary>
/// Measures the solver that divides a host's memory, for domains of all weights and sizes, some at a bound. The amount
/// of memory changes slightly each time.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RuntimeMoniker.Net10_0, warmupCount: 3, iterationCount: 10)]
public class SolverBenchmark
{
    private readonly ShareSolver solver = new();
    private ShareCurve[] curves = [];
    private KiB[] shares = [];
    private KiB capacity;
    private int turn;

    /// <summary>The number of domains.</summary>
    [Params(10, 100, 1_000, 10_000)]
    public int Curves { get; set; }

    /// <summary>Whether many domains are at their minimum or maximum.</summary>
    [Params(false, true)]
    public bool Bounded { get; set; }

    /// <summary>
    /// Domains of 1 to 64 GiB that use a tenth to nine tenths of it, on a host with half of what they may have.
    /// </summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        curves = [.. Enumerable.Range(0, Curves).Select(_ => Curve(random))];
        shares = new KiB[Curves];
        capacity = new KiB(curves.Sum(curve => (curve.Lower + curve.Upper).Value) / (Bounded ? 2 : 500));
    }

    /// <summary>Divides the host's memory once.</summary>
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

/// <summary>A host with domains of equal size, a fifth of which lacks memory.</summary>
internal static class CrowdedHost
{
    private static readonly KiB Actual = KiB.FromMiB(1024);

    /// <summary>The memory that a guest can use: its domain's memory minus the kernel's part.</summary>
    internal static KiB GuestTotal { get; } = Actual - KiB.FromMiB(40);

    /// <summary>The host at one moment.</summary>
    /// <param name="at">The time.</param>
    /// <param name="free">The free memory.</param>
    /// <param name="domains">The number of domains.</param>
    /// <param name="step">The number of the step; the guests' use depends on it slightly.</param>
    /// <param name="report">Creates the report of a guest that uses this much memory.</param>
    internal static HostSnapshot At(
        TimeSpan at,
        KiB free,
        int domains,
        int step,
        Func<KiB, GuestReport> report) => new()
        {
            At = at,
            Total = KiB.FromMiB(1024L * (domains + 2)),
            Free = free,
            Domains = [.. Enumerable.Range(1, domains).Select(domid => Domain(domid, report(Used(domid, step))))],
        };

    private static KiB Used(int domid, int step) =>
        KiB.FromMiB(domid % 5 == 0 ? 950 : 200 + (domid * 37 % 500) + (step % 7));

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
