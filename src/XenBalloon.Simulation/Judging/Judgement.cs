using System.Collections.Immutable;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>The results of policies in a scenario, on the same inputs.</summary>
internal sealed record Judgement
{
    private static readonly Metric Slowdown = MetricCatalog.Named("slowdown.mean");

    // The metrics by which an operator would choose. Memory that is held costs nothing while no other guest needs it.
    private static readonly ImmutableArray<Metric> Dimensions =
        [.. new[] { "slowdown.p99", "oom", "hoarding.amount", "starts.failed", "starts.wait",
            "violations" }.Select(MetricCatalog.Named)];

    /// <summary>The scenario; its own seed was not used.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The length of each run, in scenario time.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The first seed.</summary>
    public required ulong FirstSeed { get; init; }

    /// <summary>The number of consecutive seeds.</summary>
    public required int Seeds { get; init; }

    /// <summary>The policies, in the requested order.</summary>
    public required ImmutableArray<PolicyResult> Policies { get; init; }

    /// <summary>The scenario's pass lines with their outcome.</summary>
    public ImmutableArray<PassVerdict> Verdicts =>
        [.. PassLine.Of(Scenario).Select(line => PassJudge.Decide(line, this))];

    /// <summary>Whether no pass line failed; undecided lines do not count as failed.</summary>
    public bool Passes => Verdicts.All(verdict => verdict.Outcome != PassOutcome.Failed);

    /// <summary>
    /// Pairs of policies where the first is better in slowdown.p99, oom, hoarding.amount, starts.failed, starts.wait or
    /// violations, and worse in none of them. The oracle is a bound and not compared.
    /// </summary>
    public ImmutableArray<Dominance> Dominances =>
    [
        .. from better in Policies
           from worse in Policies
           where better != worse && better.Name != PolicyCatalog.Oracle && worse.Name != PolicyCatalog.Oracle
           where ParetoOrder.Dominates([.. Dimensions.Select(metric => SeedPairs.Of(metric, better, worse))])
           select new Dominance(better.Name, worse.Name),
    ];

    /// <summary>Finds the result of a policy; null if it was not run.</summary>
    public PolicyResult? Find(string policy) => Policies.FirstOrDefault(result => result.Name == policy);

    /// <summary>The mean of a metric over the seeds; null if there was nothing to measure or to compare with.</summary>
    public Estimate? Of(PolicyResult policy, Metric metric, string? guest = null)
    {
        return metric == MetricCatalog.Regret ? Regret(policy) : policy.Of(metric, guest);
    }

    private Estimate? Regret(PolicyResult policy) =>
        Find(PolicyCatalog.Static) is { } atRest && Find(PolicyCatalog.Oracle) is { } oracle
            ? RegretEstimate.Of(policy.Values(Slowdown), atRest.Values(Slowdown), oracle.Values(Slowdown))
            : null;
}

/// <summary>The result of one policy in a scenario.</summary>
internal sealed record PolicyResult
{
    /// <summary>The policy.</summary>
    public required PolicyEntry Policy { get; init; }

    /// <summary>The runs, by seed.</summary>
    public required ImmutableArray<RunOutcome> Runs { get; init; }

    /// <summary>The timeline of the first seed's run, for the plots.</summary>
    public ImmutableArray<TimelineMoment> Timeline { get; init; } = [];

    /// <summary>The name of the policy.</summary>
    public string Name => Policy.Name;

    /// <summary>The measured values of a metric, by seed.</summary>
    /// <param name="metric">A metric that does not compare policies.</param>
    /// <param name="guest">The guest; null for all guests together.</param>
    public ImmutableArray<double> Values(Metric metric, string? guest = null)
    {
        return [.. Runs.Select(run => metric.Of(run, guest)).OfType<double>()];
    }

    /// <summary>The mean of a metric over the seeds; null if no run had anything to measure.</summary>
    /// <param name="metric">A metric that does not compare policies.</param>
    /// <param name="guest">The guest; null for all guests together.</param>
    public Estimate? Of(Metric metric, string? guest = null) => Estimate.Of(Values(metric, guest));
}

/// <summary>One policy is better than another in some metrics and worse in none.</summary>
/// <param name="Better">The policy that dominates.</param>
/// <param name="Worse">The policy that is dominated.</param>
internal sealed record Dominance(string Better, string Worse);
