using System.Globalization;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Report;

/// <summary>Sentences about results, the same at the terminal and in the report.</summary>
internal static class ResultText
{
    /// <summary>The number of runs and their length.</summary>
    internal static string Conditions(Judgement judgement)
    {
        string runs = $"{DurationText.Write(judgement.Duration)} of simulated time for each policy";
        return judgement.Seeds == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{runs}, seed {judgement.FirstSeed} only: no interval")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{runs} and seed, {judgement.Seeds} seeds from {judgement.FirstSeed}; mean ± 95 % interval");
    }

    /// <summary>
    /// Which policies dominate which: better in p99 slowdown, OOM kills, hoarding, starts or violations, and worse in
    /// none.
    /// </summary>
    internal static IEnumerable<string> Dominances(Judgement judgement) =>
        judgement.Dominances.GroupBy(dominance => dominance.Better).Select(group =>
            $"{group.Key} dominates {string.Join(", ", group.Select(dominance => dominance.Worse))}");

    /// <summary>The outcome of a pass line, in a word.</summary>
    internal static string Outcome(PassOutcome outcome) => outcome switch
    {
        PassOutcome.Passed => "pass",
        PassOutcome.Failed => "FAIL",
        _ => "undecided",
    };
}

/// <summary>Values of metrics as cells of a table.</summary>
internal static class MetricText
{
    /// <summary>For nothing to measure or to compare with.</summary>
    internal const string Nothing = "-";

    /// <summary>The mean of a metric, and ± half its interval unless that rounds to zero.</summary>
    internal static string Of(Judgement judgement, PolicyResult policy, string name)
    {
        Metric metric = MetricCatalog.Named(name);
        return Of(metric, judgement.Of(policy, metric));
    }

    /// <summary>An estimate of a metric, likewise.</summary>
    internal static string Of(Metric metric, Estimate? estimate)
    {
        if (estimate is not { } known) return Nothing;
        string unit = metric.Unit == MetricUnit.Seconds ? " s" : "";
        string mean = Number(metric, known.Mean);
        string half = known.HalfWidth is { } width && Number(metric, width).AsSpan().ContainsAnyExcept('0', '.')
            ? $" ±{Number(metric, width)}"
            : "";
        return $"{mean}{half}{unit}";
    }

    /// <summary>A value, rounded to significant digits.</summary>
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
