using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Jobs;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Benchmarks;

/// <summary>How long one decision takes: a host of domains that all report, a fifth of them short of memory, each step a second later.</summary>
[MemoryDiagnoser]
[SimpleJob(RuntimeMoniker.Net10_0, warmupCount: 3, iterationCount: 10)]
public class StepBenchmark
{
    private readonly BalancerSettings settings = new();
    private HostSnapshot[] snapshots = [];
    private BalancerState state = BalancerState.Empty;
    private int turn;

    /// <summary>How many domains the host has.</summary>
    [Params(10, 100, 1_000, 10_000)]
    public int Domains { get; set; }

    /// <summary>Two snapshots to go back and forth between, so that every step sees new reports.</summary>
    [GlobalSetup]
    public void Setup()
    {
        snapshots = [.. Enumerable.Range(0, 64).Select(Snapshot)];
        state = Balancer.Step(BalancerState.Empty, snapshots[0], settings).State;
        turn = 0;
    }

    /// <summary>One step with a new report from every domain.</summary>
    [Benchmark]
    public Plan Step()
    {
        BalancerStep step = Balancer.Step(state, snapshots[++turn % snapshots.Length], settings);
        state = step.State;
        return step.Plan;
    }

    private HostSnapshot Snapshot(int second) => new()
    {
        At = TimeSpan.FromSeconds(second),
        Total = KiB.FromMiB(1024L * (Domains + 2)),
        Free = KiB.FromMiB(512),
        Domains = [.. Enumerable.Range(1, Domains).Select(domid => Domain(domid, second))],
    };

    private static DomainSnapshot Domain(int domid, int second)
    {
        KiB actual = KiB.FromMiB(1024), total = actual - KiB.FromMiB(40);
        long usedMib = domid % 5 == 0 ? 950 : 200 + (domid * 37 % 500) + (second % 7);
        return new DomainSnapshot
        {
            Identity = new DomainIdentity(domid, new Guid(domid, 0, 0, new byte[8])),
            Name = $"g{domid}",
            Actual = actual,
            Target = actual,
            MaxMem = actual + KiB.FromMiB(1),
            StaticMax = KiB.FromMiB(4096),
            Report = new GuestReport(ReportSource.XenServer, KiB.FromMiB(usedMib), total, TimeSpan.FromSeconds(second)),
        };
    }
}
