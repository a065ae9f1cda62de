namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>What became of a <see cref="PassLine"/>, and why.</summary>
/// <param name="Line">What was asked.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Value">What was measured; null for nothing.</param>
/// <param name="Bound">What it was compared with; null for nothing.</param>
/// <param name="Reason">What was measured and compared, or why it was not; part of a sentence.</param>
public sealed record PassVerdict(PassLine Line, PassOutcome Outcome, double? Value, double? Bound, string Reason);
