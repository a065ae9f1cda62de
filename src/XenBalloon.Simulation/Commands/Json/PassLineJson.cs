using XenBalloon.Simulation.Judging.PassLines;

namespace XenBalloon.Simulation.Commands.Json;

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
