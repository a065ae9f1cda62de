using System.Collections.Immutable;

namespace XenBalloon.Simulation.Files;

/// <summary>What came of reading a scenario file.</summary>
/// <param name="Scenario">The scenario; null where the file is wrong.</param>
/// <param name="Errors">All that is wrong with the file, in order of lines; empty where there is a scenario.</param>
public sealed record ScenarioReading(Scenario? Scenario, ImmutableArray<ScenarioError> Errors);
