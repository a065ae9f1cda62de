using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>Which policies must be run so that a scenario's pass lines can be decided.</summary>
public static class PassPolicies
{
    /// <summary>Those that stand for all peers: the ones that run on Xen.</summary>
    private static readonly string[] Peers = ["squeezed", "qmemman"];

    /// <summary>Those that the scenario's pass lines are about or compare with, in the order of the catalog.</summary>
    public static ImmutableArray<PolicyEntry> Of(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        HashSet<string> needed = [.. PassLine.Of(scenario).SelectMany(Needed)];
        return [.. PolicyCatalog.All.Where(policy => needed.Contains(policy.Name))];
    }

    /// <summary>
    /// The same, and those that every scenario is compared by: doing nothing, the peers and the bound.
    /// </summary>
    public static ImmutableArray<PolicyEntry> WithUsual(Scenario scenario)
    {
        ImmutableArray<PolicyEntry> needed = Of(scenario);
        string[] usual = [PassLine.DefaultPolicy, PolicyCatalog.Static, .. Peers, PolicyCatalog.Oracle];
        return [.. PolicyCatalog.All.Where(policy => needed.Contains(policy) || usual.Contains(policy.Name))];
    }

    private static IEnumerable<string> Needed(PassLine line)
    {
        yield return line.Policy;
        if (line.Other == PassLine.Peers)
        {
            foreach (string peer in Peers) yield return peer;
        }
        else if (line.Other is { } other)
        {
            yield return other;
        }

        if (line.Metric != AllMetrics.Regret) yield break;
        yield return PolicyCatalog.Static;
        yield return PolicyCatalog.Oracle;
    }
}
