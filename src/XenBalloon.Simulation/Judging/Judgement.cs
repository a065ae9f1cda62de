using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Judging.Statistics;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>How policies did in a scenario, on the same inputs.</summary>
public sealed record Judgement
{
    private static readonly Metric Slowdown = AllMetrics.Named("slowdown.mean");

    // What an operator would choose by. Memory that is held costs nothing while nobody else wants it.
    private static readonly ImmutableArray<Metric> Dimensions =
        [.. new[] { "slowdown.p99", "oom", "hoarding.amount", "starts.failed", "starts.wait",
            "violations" }.Select(AllMetrics.Named)];

    /// <summary>The scenario; its own seed was not used.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>How long each run lasted, in the scenario's time.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The first seed.</summary>
    public required ulong FirstSeed { get; init; }

    /// <summary>How many seeds, one after the other.</summary>
    public required int Seeds { get; init; }

    /// <summary>The policies, in the order in which they were asked for.</summary>
    public required ImmutableArray<PolicyResult> Policies { get; init; }

    /// <summary>What the scenario asks of policies, and what became of it.</summary>
    public ImmutableArray<PassVerdict> Verdicts => [.. PassLine.Of(Scenario).Select(line => PassJudge.Decide(line, this))];

    /// <summary>Whether nothing that the scenario asks for was missed; what could not be decided was not.</summary>
    public bool Passes => Verdicts.All(verdict => verdict.Outcome != PassOutcome.Failed);

    /// <summary>
    /// Who is better than whom in slowdown.p99, oom, hoarding.amount, starts.failed, starts.wait or violations, and in
    /// none of them worse. The oracle is a bound and no rival.
    /// </summary>
    public ImmutableArray<Dominance> Dominances =>
    [
        .. from better in Policies
           from worse in Policies
           where better != worse && better.Name != PolicyCatalog.Oracle && worse.Name != PolicyCatalog.Oracle
           where ParetoOrder.Dominates([.. Dimensions.Select(metric => SeedPairs.Of(metric, better, worse))])
           select new Dominance(better.Name, worse.Name),
    ];

    /// <summary>Finds a policy's result; null for one that was not run.</summary>
    public PolicyResult? Find(string policy) => Policies.FirstOrDefault(result => result.Name == policy);

    /// <summary>A metric's mean over the seeds; null where there was nothing to measure, or nothing to compare with.</summary>
    public Estimate? Of(PolicyResult policy, Metric metric, string? guest = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(metric);
        return metric == AllMetrics.Regret ? Regret(policy) : policy.Of(metric, guest);
    }

    private Estimate? Regret(PolicyResult policy) =>
        Find(PolicyCatalog.Static) is { } still && Find(PolicyCatalog.Oracle) is { } oracle
            ? RegretEstimate.Of(policy.Values(Slowdown), still.Values(Slowdown), oracle.Values(Slowdown))
            : null;
}
