using System.Collections.Immutable;

namespace XenBalloon.Simulation.Outcomes;

/// <summary>What became of a scenario so far.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Simulated">How much time has been simulated.</param>
/// <param name="Host">The host.</param>
/// <param name="Guests">The guests, in the scenario's order, whether they are there or not.</param>
public sealed record SimulationReport(string Scenario, TimeSpan Simulated, HostOutcome Host, ImmutableArray<GuestOutcome> Guests);
