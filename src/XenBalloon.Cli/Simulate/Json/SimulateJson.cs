using System.Collections.Immutable;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Cli.Simulate.Json;

/// <summary>What <c>simulate --json</c> writes. Names are part of the interface; <c>schema</c> rises when one goes or changes its meaning.</summary>
/// <param name="Schema">Which form this is.</param>
/// <param name="Metrics">What the metrics are and what they are counted in.</param>
/// <param name="Scenarios">The scenarios, in the order in which they were asked for.</param>
internal sealed record SimulateJson(int Schema, ImmutableArray<MetricJson> Metrics, ImmutableArray<ScenarioJson> Scenarios)
{
    private const int CurrentSchema = 1;

    internal static SimulateJson Of(IEnumerable<Judgement> judgements) =>
        new(CurrentSchema, MetricJson.All, [.. judgements.Select(ScenarioJson.Of)]);
}
