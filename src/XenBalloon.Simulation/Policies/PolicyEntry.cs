using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Policies;

/// <summary>A policy that can be chosen by name.</summary>
/// <param name="Name">As it is typed: <c>fair-share</c>, <c>squeezed</c>.</param>
/// <param name="Summary">What it is, in one line.</param>
/// <param name="Create">Makes one for a scenario: of that it may use what an administrator would tell it (each guest's range, weight, boot memory).</param>
public sealed record PolicyEntry(string Name, string Summary, Func<Scenario, IMemoryPolicy> Create)
{
    /// <summary>Whether it is run only where it is asked for by name.</summary>
    public bool OnlyByName { get; init; }
}
