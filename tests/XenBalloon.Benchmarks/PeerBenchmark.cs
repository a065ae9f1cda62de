using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Jobs;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Benchmarks;

/// <summary>
/// How long one decision takes, ours and the peers', on the same snapshots: a fifth of the domains short of memory, and a new report from every domain
/// in every step. So much time lies between snapshots that every policy looks each time; those that do more at each second or sixth look have their mean.
/// No domain does as it is told, so that nobody comes to rest. Each run begins with a new policy, since time never goes back for one: making it and its
/// first look at the host are shared out among the steps.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RuntimeMoniker.Net10_0, warmupCount: 3, iterationCount: 10)]
public class PeerBenchmark
{
    private const int Steps = 64;
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromSeconds(20);

    private PolicyEntry policy = PolicyCatalog.All[0];
    private Scenario? scenario;
    private HostSnapshot[] snapshots = [];

    /// <summary>All but the oracle, which looks ahead in a scenario and not at snapshots.</summary>
    public static IEnumerable<string> Policies => PolicyCatalog.All.Select(entry => entry.Name).Where(name => name != PolicyCatalog.Oracle);

    /// <summary>Who decides.</summary>
    [ParamsSource(nameof(Policies))]
    public string Policy { get; set; } = "";

    /// <summary>How many domains the host has.</summary>
    [Params(10, 100, 1_000)]
    public int Domains { get; set; }

    /// <summary>Makes the snapshots to go through, and the scenario that tells a policy what an administrator would.</summary>
    [GlobalSetup]
    public void Setup()
    {
        policy = PolicyCatalog.All.Single(entry => entry.Name == Policy);
        snapshots = [.. Enumerable.Range(1, Steps).Select(Snapshot)];
        scenario = new Scenario
        {
            Name = "benchmark",
            HostTotal = snapshots[0].Total,
            Guests = [.. snapshots[0].Domains.Select(domain => new GuestDescription { Name = domain.Name, BootMemory = domain.Actual, StaticMax = domain.StaticMax!.Value })],
        };
    }

    /// <summary>A new policy decides on one snapshot after the other.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public int Decide()
    {
        IMemoryPolicy deciding = policy.Create(scenario!);
        int commands = 0;
        foreach (HostSnapshot snapshot in snapshots) commands += deciding.Decide(snapshot, []).Commands.Length;
        return commands;
    }

    private HostSnapshot Snapshot(int step) => CrowdedHost.At(
        step * BetweenSteps,
        KiB.FromMiB(512),
        Domains,
        step,
        used => new GuestReport(ReportSource.Agent, used, CrowdedHost.GuestTotal, step * BetweenSteps) { Vitals = Vitals(used, CrowdedHost.GuestTotal, step) });

    // What some peers go by, and would be idle without: a third of what is not in use is cache, and who is short waits for memory.
    private static GuestVitals Vitals(KiB used, KiB total, int step)
    {
        bool isShort = total - used < KiB.FromMiB(100);
        return new GuestVitals
        {
            Free = (total - used).Times(2.0 / 3),
            FileCache = (total - used).Times(1.0 / 3),
            Anonymous = used,
            Shared = KiB.Zero,
            SwapTotal = KiB.FromMiB(1024),
            SwapUsed = KiB.Zero,
            Committed = used.Times(1.3),
            MemorySomeTotal = isShort ? step * TimeSpan.FromSeconds(1) : TimeSpan.Zero,
            MemorySome = isShort ? 0.05 : 0,
            MemoryFull = 0,
            IoSome = 0,
        };
    }
}
