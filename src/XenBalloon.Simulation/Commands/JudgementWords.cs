using System.Globalization;
using XenBalloon.Simulation.Judging;
using XenBalloon.Simulation.Judging.PassLines;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

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
