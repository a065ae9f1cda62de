using System.Globalization;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Judging.Statistics;

namespace XenBalloon.Simulation.Commands;

/// <summary>A metric's estimate as a cell of a table.</summary>
internal static class MetricText
{
    /// <summary>Where there was nothing to measure or to compare with.</summary>
    internal const string Nothing = "-";

    /// <summary>The mean, and ± half its interval where that can be seen in so many digits.</summary>
    internal static string Of(Metric metric, Estimate? estimate)
    {
        if (estimate is not { } known) return Nothing;
        string unit = metric.Unit == MetricUnit.Seconds ? " s" : "";
        string mean = Number(metric, known.Mean);
        string half = known.HalfWidth is { } width && Number(metric, width).AsSpan().ContainsAnyExcept('0', '.') ? $" ±{Number(metric, width)}" : "";
        return $"{mean}{half}{unit}";
    }

    /// <summary>A value with as many digits as say something.</summary>
    internal static string Number(Metric metric, double value)
    {
        int digits = metric.Unit switch
        {
            MetricUnit.Ratio => 3,
            MetricUnit.Count when value == Math.Floor(value) => 0,
            _ => Math.Abs(value) < 100 ? 1 : 0,
        };
        string text = value.ToString($"F{digits}", CultureInfo.InvariantCulture);
        return text.StartsWith('-') && text.AsSpan().IndexOfAnyExcept("-0.") < 0 ? text[1..] : text;
    }
}
