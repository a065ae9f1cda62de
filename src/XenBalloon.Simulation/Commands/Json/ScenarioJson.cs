using System.Collections.Immutable;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Commands.Json;

/// <summary>How policies did in a scenario.</summary>
internal sealed record ScenarioJson
{
    public required string Name { get; init; }

    public required string Summary { get; init; }

    public required double DurationSeconds { get; init; }

    public required ulong FirstSeed { get; init; }

    public required int Seeds { get; init; }

    public required bool Passes { get; init; }

    public required ImmutableArray<PolicyJson> Policies { get; init; }

    public required ImmutableArray<DominanceJson> Dominances { get; init; }

    public required ImmutableArray<PassLineJson> PassLines { get; init; }

    internal static ScenarioJson Of(Judgement judgement) => new()
    {
        Name = judgement.Scenario.Name,
        Summary = judgement.Scenario.Summary,
        DurationSeconds = judgement.Duration.TotalSeconds,
        FirstSeed = judgement.FirstSeed,
        Seeds = judgement.Seeds,
        Passes = judgement.Passes,
        Policies = [.. judgement.Policies.Select(policy => PolicyJson.Of(judgement, policy))],
        Dominances = [.. judgement.Dominances.Select(one => new DominanceJson(one.Better, one.Worse))],
        PassLines = [.. judgement.Verdicts.Select(PassLineJson.Of)],
    };
}
