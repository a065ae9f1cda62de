using System.Collections.Immutable;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>The policies that must run to decide a scenario's pass lines.</summary>
internal static class PassPolicies
{
    /// <summary>The peers that stand for all others: those that run on Xen.</summary>
    private static readonly string[] Peers = ["squeezed", "qmemman"];

    /// <summary>The policies that the scenario's pass lines name, in catalog order.</summary>
    public static ImmutableArray<PolicyEntry> For(Scenario scenario)
    {
        HashSet<string> needed = [.. PassLine.Of(scenario).SelectMany(Needed)];
        return [.. PolicyCatalog.All.Where(policy => needed.Contains(policy.Name))];
    }

    /// <summary>The same and the default comparison: static, the Xen peers and the oracle.</summary>
    public static ImmutableArray<PolicyEntry> WithDefaults(Scenario scenario)
    {
        ImmutableArray<PolicyEntry> needed = For(scenario);
        string[] defaults = [PassLine.DefaultPolicy, PolicyCatalog.Static, .. Peers, PolicyCatalog.Oracle];
        return [.. PolicyCatalog.All.Where(policy => needed.Contains(policy) || defaults.Contains(policy.Name))];
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

        if (line.Metric != MetricCatalog.Regret) yield break;
        yield return PolicyCatalog.Static;
        yield return PolicyCatalog.Oracle;
    }
}
