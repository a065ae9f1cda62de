using System.Collections.Immutable;
using XenBalloon.Simulation.Commands;
using XenBalloon.Simulation.Judging.PassLines;

namespace XenBalloon.Simulation.Report;

/// <summary>What the scenario asks for, and what became of it.</summary>
internal static class PassLineList
{
    internal static void Write(Markup page, ImmutableArray<PassVerdict> verdicts)
    {
        if (verdicts.IsEmpty) return;
        page.Open("ul", ("class", "plain"));
        foreach (PassVerdict verdict in verdicts)
        {
            page.Open("li");
            page.Element("span", JudgementWords.Outcome(verdict.Outcome), ("class", $"verdict {Style(verdict.Outcome)}"));
            page.Element("code", verdict.Line.ToString());
            page.Element("span", $" {verdict.Reason}", ("class", "reason"));
            page.Close();
        }

        page.Close();
    }

    private static string Style(PassOutcome outcome) => outcome switch
    {
        PassOutcome.Passed => "passed",
        PassOutcome.Failed => "failed",
        _ => "undecided",
    };
}
