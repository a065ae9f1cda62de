namespace XenBalloon.Simulation.Outcomes;

/// <summary>A guest that someone wanted to start, restore or start again, and what came of it.</summary>
/// <param name="Name">The guest's name.</param>
/// <param name="RequestedAt">Since when, in the scenario's time.</param>
/// <param name="CreatedAt">When its memory was free and it was created; null where it was not.</param>
/// <param name="GivenUpAt">When whoever asked for it gave up; null where it was created, or still waits.</param>
public sealed record GuestStart(string Name, TimeSpan RequestedAt, TimeSpan? CreatedAt = null, TimeSpan? GivenUpAt = null);
