namespace XenBalloon.Simulation.Judging;

/// <summary>One policy leaves nothing to say for another.</summary>
/// <param name="Better">The policy that dominates.</param>
/// <param name="Worse">The policy that is dominated.</param>
public sealed record Dominance(string Better, string Worse);
