using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Jobs;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Benchmarks;

/// <summary>
/// Measures one decision of each policy on the same snapshots. A fifth of the domains lacks memory, and each step has a
/// new report from every domain. The steps are so far apart that every policy acts in each. Targets are not carried
/// out, so the host never settles. A run begins with a new policy, because time must not go back for a policy: the
/// times of its creation and of its first snapshot are distributed over the steps.
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

    /// <summary>All policies except the oracle, which reads the scenario instead of snapshots.</summary>
    public static IEnumerable<string> Policies =>
        PolicyCatalog.All.Select(entry => entry.Name).Where(name => name != PolicyCatalog.Oracle);

    /// <summary>The policy.</summary>
    [ParamsSource(nameof(Policies))]
    public string Policy { get; set; } = "";

    /// <summary>The number of domains.</summary>
    [Params(10, 100, 1_000)]
    public int Domains { get; set; }

    /// <summary>
    /// Makes the snapshots to go through, and the scenario that tells a policy what an administrator would.
    /// </summary>
    [GlobalSetup]
    public void Setup()
    {
        policy = PolicyCatalog.All.Single(entry => entry.Name == Policy);
        snapshots = [.. Enumerable.Range(1, Steps).Select(Snapshot)];
        scenario = new Scenario
        {
            Name = "benchmark",
            HostTotal = snapshots[0].Total,
            Guests = [.. snapshots[0].Domains.Select(Describe)],
        };
    }

    /// <summary>A new policy decides on each snapshot in turn.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public int Decide()
    {
        IMemoryPolicy deciding = policy.Create(scenario!);
        int commands = 0;
        foreach (HostSnapshot snapshot in snapshots) commands += deciding.Decide(snapshot, []).Commands.Length;
        return commands;
    }

    private static GuestDescription Describe(DomainSnapshot domain) => new()
    {
        Name = domain.Name,
        BootMemory = domain.Actual,
        StaticMax = domain.StaticMax!.Value,
    };

    private HostSnapshot Snapshot(int step) => CrowdedHost.At(
        step * BetweenSteps,
        KiB.FromMiB(512),
        Domains,
        step,
        used => new GuestReport(ReportSource.Agent, used, CrowdedHost.GuestTotal, step * BetweenSteps)
        {
            Vitals = Vitals(used, CrowdedHost.GuestTotal, step),
        });

    // Values that some policies need: a third of the unused memory is cache, and guests that lack memory stall.
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
            IoSome = 0,
        };
    }
}
