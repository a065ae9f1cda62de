namespace XenBalloon.Simulation.Commands.Json;

/// <summary>
/// One policy is better in p99 slowdown, OOM kills, hoarding, failed starts, time to start or violations, and worse in
/// none of them.
/// </summary>
/// <param name="Better">The policy that dominates.</param>
/// <param name="Worse">The policy that is dominated.</param>
internal sealed record DominanceJson(string Better, string Worse);
