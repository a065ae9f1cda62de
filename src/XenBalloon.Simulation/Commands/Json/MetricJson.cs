using System.Collections.Immutable;
using XenBalloon.Simulation.Judging.Metrics;

namespace XenBalloon.Simulation.Commands.Json;

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
