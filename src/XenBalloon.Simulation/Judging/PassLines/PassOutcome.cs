namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>What became of a <see cref="PassLine"/>.</summary>
public enum PassOutcome
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>Neither: the policy was not run, or there was nothing to measure or to compare with.</summary>
    Undecided,
}
