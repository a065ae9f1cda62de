using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace XenBalloon.Simulation.Judging.Metrics;

/// <summary>The metrics there are, in the order in which they are shown.</summary>
public static class AllMetrics
{
    /// <summary>Regret against the oracle; it compares policies, so it is worked out from the others' <c>slowdown.mean</c>.</summary>
    public static Metric Regret { get; } = new()
    {
        Name = "regret",
        Unit = MetricUnit.Ratio,
        Summary = "(slowdown.mean - oracle's) / (static's - oracle's): 0 as good as the oracle, 1 as bad as doing nothing",
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<Metric> All { get; } = [.. HarmMetrics.All, .. MemoryMetrics.All, .. SpeedMetrics.All, .. EstimateMetrics.All, .. OrderMetrics.All, Regret];

    /// <summary>A metric that is known to be there.</summary>
    /// <param name="name">Its name.</param>
    public static Metric Named(string name) => All.First(metric => metric.Name == name);

    /// <summary>Finds a metric.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="error">What is wrong with the name, and which ones there are; null when it was found.</param>
    public static bool TryGet(string name, [NotNullWhen(true)] out Metric? metric, [NotNullWhen(false)] out string? error)
    {
        metric = All.FirstOrDefault(candidate => candidate.Name == name);
        error = metric is null ? $"there is no metric '{name}': choose one of {string.Join(", ", All.Select(known => known.Name))}" : null;
        return metric is not null;
    }
}
