using System.Collections.Immutable;
using System.Text.Json.Serialization;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Commands;

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

/// <summary>What became of a scenario under a policy.</summary>
/// <param name="Name">The policy.</param>
/// <param name="Metrics">By metric; null where there was nothing to measure or to compare with.</param>
/// <param name="Guests">The same of each guest, as far as it is known of guests.</param>
internal sealed record PolicyJson(string Name, Dictionary<string, EstimateJson?> Metrics, ImmutableArray<GuestJson> Guests)
{
    internal static PolicyJson Of(Judgement judgement, PolicyResult policy) => new(
        policy.Name,
        Values(judgement, policy, null),
        [.. judgement.Scenario.Guests.Select(guest => new GuestJson(guest.Name, Values(judgement, policy, guest.Name)))]);

    private static Dictionary<string, EstimateJson?> Values(Judgement judgement, PolicyResult policy, string? guest) => AllMetrics.All
        .Where(metric => guest is null || metric.IsKnownOfGuests)
        .ToDictionary(metric => metric.Name, metric => EstimateJson.Of(judgement.Of(policy, metric, guest)));
}

/// <summary>How a guest fared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Metrics">By metric; null where there was nothing to measure.</param>
internal sealed record GuestJson(string Name, Dictionary<string, EstimateJson?> Metrics);

/// <summary>What a metric is.</summary>
/// <param name="Name">As it is the key of values.</param>
/// <param name="Unit">What it is counted in.</param>
/// <param name="Better"><c>low</c>, <c>high</c>, or <c>none</c> for neither.</param>
/// <param name="Summary">What it says.</param>
internal sealed record MetricJson(string Name, string Unit, string Better, string Summary)
{
    internal static ImmutableArray<MetricJson> All { get; } = [.. AllMetrics.All.Select(Of)];

    private static MetricJson Of(Metric metric) => new(metric.Name, UnitOf(metric.Unit), BetterOf(metric.Preference), metric.Summary);

    private static string UnitOf(MetricUnit unit) => unit switch
    {
        MetricUnit.Ratio => "ratio",
        MetricUnit.Seconds => "s",
        MetricUnit.MiB => "MiB",
        MetricUnit.GiBMinutes => "GiB*min",
        MetricUnit.PerDomainHour => "1/(domain*h)",
        MetricUnit.MiBPerDomainHour => "MiB/(domain*h)",
        _ => "count",
    };

    private static string BetterOf(Preference preference) => preference switch
    {
        Preference.Low => "low",
        Preference.High => "high",
        _ => "none",
    };
}

/// <summary>A mean over seeds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth95">Half of its 95 % interval; null where one seed alone leaves none.</param>
/// <param name="Seeds">Over how many seeds that had a value.</param>
internal sealed record EstimateJson(double Mean, [property: JsonPropertyName("half_width_95")] double? HalfWidth95, int Seeds)
{
    internal static EstimateJson? Of(Estimate? estimate) => estimate is { } known ? new EstimateJson(known.Mean, known.HalfWidth, known.Count) : null;
}

/// <summary>
/// One policy is better in p99 slowdown, OOM kills, hoarding, failed starts, time to start or violations, and worse in
/// none of them.
/// </summary>
/// <param name="Better">The policy that dominates.</param>
/// <param name="Worse">The policy that is dominated.</param>
internal sealed record DominanceJson(string Better, string Worse);

/// <summary>What became of a line that the scenario asks for.</summary>
/// <param name="Line">The line, as scenario files have it.</param>
/// <param name="Outcome"><c>passed</c>, <c>failed</c> or <c>undecided</c>.</param>
/// <param name="Value">What was measured; null for nothing.</param>
/// <param name="Bound">What it was compared with; null for nothing.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record PassLineJson(string Line, string Outcome, double? Value, double? Bound, string Reason)
{
    internal static PassLineJson Of(PassVerdict verdict) => new(verdict.Line.ToString(), OutcomeOf(verdict.Outcome), verdict.Value, verdict.Bound, verdict.Reason);

    private static string OutcomeOf(PassOutcome outcome) => outcome switch
    {
        PassOutcome.Passed => "passed",
        PassOutcome.Failed => "failed",
        _ => "undecided",
    };
}
