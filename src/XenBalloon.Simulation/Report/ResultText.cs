using System.Globalization;
using XenBalloon.Simulation.Files.Grammar;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Report;

/// <summary>A judgement's sentences, the same at the terminal and in the report.</summary>
internal static class JudgementWords
{
    /// <summary>On what it rests.</summary>
    internal static string Conditions(Judgement judgement)
    {
        string runs = $"{DurationText.Write(judgement.Duration)} of simulated time for each policy";
        return judgement.Seeds == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{runs}, with seed {judgement.FirstSeed} alone: no interval can be given")
            : string.Create(CultureInfo.InvariantCulture, $"{runs} and seed, {judgement.Seeds} seeds from {judgement.FirstSeed}; mean ± 95 % interval");
    }

    /// <summary>
    /// Which policies dominate which: better in p99 slowdown, OOM kills, hoarding, starts or violations, and worse in none.
    /// </summary>
    internal static IEnumerable<string> Dominances(Judgement judgement) =>
        judgement.Dominances.GroupBy(one => one.Better).Select(group =>
            $"{group.Key} dominates {string.Join(", ", group.Select(one => one.Worse))}");

    /// <summary>What became of a pass line, in a word.</summary>
    internal static string Outcome(PassOutcome outcome) => outcome switch
    {
        PassOutcome.Passed => "pass",
        PassOutcome.Failed => "FAIL",
        _ => "undecided",
    };
}

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
