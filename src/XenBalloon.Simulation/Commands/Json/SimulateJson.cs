using System.Collections.Immutable;
using System.Text.Json.Serialization;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Commands.Json;

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

/// <summary>Generated at build time, since NativeAOT has no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SimulateJson))]
internal sealed partial class SimulateJsonContext : JsonSerializerContext;
