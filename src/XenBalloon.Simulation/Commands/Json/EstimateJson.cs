using System.Text.Json.Serialization;
using XenBalloon.Simulation.Judging.Statistics;

namespace XenBalloon.Simulation.Commands.Json;

/// <summary>A mean over seeds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth95">Half of its 95 % interval; null where one seed alone leaves none.</param>
/// <param name="Seeds">Over how many seeds that had a value.</param>
internal sealed record EstimateJson(double Mean, [property: JsonPropertyName("half_width_95")] double? HalfWidth95, int Seeds)
{
    internal static EstimateJson? Of(Estimate? estimate) => estimate is { } known ? new EstimateJson(known.Mean, known.HalfWidth, known.Count) : null;
}
