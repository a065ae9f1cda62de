using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.Runs;
using XenBalloon.Simulation.Judging.Statistics;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Judging;

/// <summary>What became of a scenario under a policy.</summary>
public sealed record PolicyResult
{
    /// <summary>The policy.</summary>
    public required PolicyEntry Policy { get; init; }

    /// <summary>Its runs, by seed.</summary>
    public required ImmutableArray<RunOutcome> Runs { get; init; }

    /// <summary>The first seed's run, to be drawn.</summary>
    public ImmutableArray<TimelineMoment> Timeline { get; init; } = [];

    /// <summary>Its name.</summary>
    public string Name => Policy.Name;

    /// <summary>A metric's values by seed, those that there are.</summary>
    /// <param name="metric">One that does not compare policies.</param>
    /// <param name="guest">Of which guest; null for all together.</param>
    public ImmutableArray<double> Values(Metric metric, string? guest = null)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return [.. Runs.Select(run => metric.Of(run, guest)).OfType<double>()];
    }

    /// <summary>A metric's mean over the seeds; null where no run had anything to measure.</summary>
    /// <param name="metric">One that does not compare policies.</param>
    /// <param name="guest">Of which guest; null for all together.</param>
    public Estimate? Of(Metric metric, string? guest = null) => Estimate.Of(Values(metric, guest));
}
