namespace XenBalloon.Simulation.Commands.Json;

/// <summary>How a guest fared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Metrics">By metric; null where there was nothing to measure.</param>
internal sealed record GuestJson(string Name, Dictionary<string, EstimateJson?> Metrics);
