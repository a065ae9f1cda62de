using System.Diagnostics.CodeAnalysis;
using XenBalloon.Simulation.BuiltIn;

namespace XenBalloon.Simulation;

/// <summary>The scenarios that are built in.</summary>
public static class Scenarios
{
    /// <summary>All of them, the demo first.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. BuiltInFiles.Names.Select(BuiltInFiles.Read)];

    /// <summary>Finds a built-in scenario.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="error">What is wrong with the name, and which ones there are; null when it was found.</param>
    /// <returns>Whether there is one of that name.</returns>
    public static bool TryGet(string name, [NotNullWhen(true)] out Scenario? scenario, [NotNullWhen(false)] out string? error)
    {
        scenario = All.FirstOrDefault(candidate => string.Equals(candidate.Name, name, StringComparison.OrdinalIgnoreCase));
        error = scenario is null ? $"there is no scenario '{name}': choose one of {string.Join(", ", All.Select(known => known.Name))}" : null;
        return scenario is not null;
    }
}
