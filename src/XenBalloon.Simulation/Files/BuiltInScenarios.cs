using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>The scenarios that are part of the program.</summary>
public static class BuiltInScenarios
{
    /// <summary>The names: first the demo, then the scenarios for judging policies.</summary>
    internal static ImmutableArray<string> Names { get; } =
    [
        "demo", "quiet", "misfits",
        "idle-tax", "consolidation", "working-set", "office-day", "build-farm", "density",
        "boot-storm", "trickler", "limit-cycle", "starvation", "swapless", "liars", "chaos",
        "rotation", "rotation-agent", "rotation-minute",
        "after-a-burst", "idle-swapless", "newcomer", "no-driver", "old-kernel", "nothing-left", "pv-shim",
        "slow-reports", "fixed-total",
    ];

    /// <summary>All built-in scenarios, the demo first.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. Names.Select(Read)];

    /// <summary>Finds a built-in scenario.</summary>
    /// <param name="name">The name, in upper or lower case.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="error">The error, with the known names; null on success.</param>
    /// <returns>Whether it was found.</returns>
    public static bool TryGet(
        string name, [NotNullWhen(true)] out Scenario? scenario, [NotNullWhen(false)] out string? error)
    {
        scenario = All.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));
        error = scenario is null ? $"unknown scenario '{name}': use one of {string.Join(", ", Names)}" : null;
        return scenario is not null;
    }

    /// <summary>Reads a built-in scenario.</summary>
    /// <exception cref="InvalidOperationException">It is missing or invalid: the build is broken.</exception>
    internal static Scenario Read(string name)
    {
        ScenarioReading reading = ScenarioFile.Parse(Text(name), name + ".scenario");
        return reading.Scenario ?? throw new InvalidOperationException(string.Join('\n', reading.Errors));
    }

    /// <summary>The text of a built-in scenario.</summary>
    internal static string Text(string name)
    {
        using Stream stream = typeof(BuiltInScenarios).Assembly.GetManifestResourceStream($"{name}.scenario")
            ?? throw new InvalidOperationException($"scenario {name} is not part of the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
