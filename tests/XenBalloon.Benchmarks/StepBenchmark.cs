using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Jobs;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

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
