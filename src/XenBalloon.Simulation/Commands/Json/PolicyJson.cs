using System.Collections.Immutable;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.Metrics;

namespace XenBalloon.Simulation.Commands.Json;

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
