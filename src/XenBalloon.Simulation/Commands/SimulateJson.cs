using System.Collections.Immutable;
using System.Text.Json.Serialization;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Commands;

/// <summary>
/// The output of <c>--json</c>. Names are part of the interface; <c>schema</c> increases when one is removed or changes
/// its meaning.
/// </summary>
/// <param name="Schema">The version of the format.</param>
/// <param name="Metrics">The metrics with their units.</param>
/// <param name="Scenarios">The scenarios, in the requested order.</param>
internal sealed record SimulateJson(
    int Schema, ImmutableArray<MetricJson> Metrics, ImmutableArray<ScenarioJson> Scenarios)
{
    private const int CurrentSchema = 1;

    internal static SimulateJson Of(IEnumerable<Judgement> judgements) =>
        new(CurrentSchema, MetricJson.All, [.. judgements.Select(ScenarioJson.Of)]);
}

/// <summary>Generated at build time, since NativeAOT has no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SimulateJson))]
internal sealed partial class SimulateJsonContext : JsonSerializerContext;

/// <summary>The results of policies in a scenario.</summary>
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
        Dominances =
            [.. judgement.Dominances.Select(dominance => new DominanceJson(dominance.Better, dominance.Worse))],
        PassLines = [.. judgement.Verdicts.Select(PassLineJson.Of)],
    };
}

/// <summary>The result of one policy in a scenario.</summary>
/// <param name="Name">The policy.</param>
/// <param name="Metrics">The values by metric; null if there was nothing to measure or to compare with.</param>
/// <param name="Guests">The same for each guest, for metrics that apply to guests.</param>
internal sealed record PolicyJson(
    string Name, Dictionary<string, EstimateJson?> Metrics, ImmutableArray<GuestJson> Guests)
{
    internal static PolicyJson Of(Judgement judgement, PolicyResult policy) => new(
        policy.Name,
        Values(judgement, policy, null),
        [
            .. judgement.Scenario.Guests
                .Select(guest => new GuestJson(guest.Name, Values(judgement, policy, guest.Name))),
        ]);

    private static Dictionary<string, EstimateJson?> Values(Judgement judgement, PolicyResult policy, string? guest) =>
        MetricCatalog.All
        .Where(metric => guest is null || metric.AppliesToGuests)
        .ToDictionary(metric => metric.Name, metric => EstimateJson.Of(judgement.Of(policy, metric, guest)));
}

/// <summary>The result of one guest.</summary>
/// <param name="Name">The name.</param>
/// <param name="Metrics">The values by metric; null if there was nothing to measure.</param>
internal sealed record GuestJson(string Name, Dictionary<string, EstimateJson?> Metrics);

/// <summary>A metric.</summary>
/// <param name="Name">The name, the key of values.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Better"><c>low</c>, <c>high</c>, or <c>none</c> for neither.</param>
/// <param name="Summary">The meaning.</param>
internal sealed record MetricJson(string Name, string Unit, string Better, string Summary)
{
    internal static ImmutableArray<MetricJson> All { get; } = [.. MetricCatalog.All.Select(Of)];

    private static MetricJson Of(Metric metric) =>
        new(metric.Name, UnitOf(metric.Unit), BetterOf(metric.Preference), metric.Summary);

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
/// <param name="HalfWidth95">Half of its 95 % interval; null for a single seed.</param>
/// <param name="Seeds">The number of seeds that had a value.</param>
internal sealed record EstimateJson(
    double Mean, [property: JsonPropertyName("half_width_95")] double? HalfWidth95, int Seeds)
{
    internal static EstimateJson? Of(Estimate? estimate) =>
        estimate is { } known ? new EstimateJson(known.Mean, known.HalfWidth, known.Count) : null;
}

/// <summary>
/// One policy is better in p99 slowdown, OOM kills, hoarding, failed starts, time to start or violations, and worse in
/// none of them.
/// </summary>
/// <param name="Better">The policy that dominates.</param>
/// <param name="Worse">The policy that is dominated.</param>
internal sealed record DominanceJson(string Better, string Worse);

/// <summary>The outcome of a pass line.</summary>
/// <param name="Line">The line, as in scenario files.</param>
/// <param name="Outcome"><c>passed</c>, <c>failed</c> or <c>undecided</c>.</param>
/// <param name="Value">The measured value; null if none.</param>
/// <param name="Bound">The value of the bound; null if none.</param>
/// <param name="Reason">The reason.</param>
internal sealed record PassLineJson(string Line, string Outcome, double? Value, double? Bound, string Reason)
{
    internal static PassLineJson Of(PassVerdict verdict) =>
        new(verdict.Line.ToString(), OutcomeOf(verdict.Outcome), verdict.Value, verdict.Bound, verdict.Reason);

    private static string OutcomeOf(PassOutcome outcome) => outcome switch
    {
        PassOutcome.Passed => "passed",
        PassOutcome.Failed => "failed",
        _ => "undecided",
    };
}
