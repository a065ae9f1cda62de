using XenBalloon.Simulation.Files;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Commands;

/// <summary>Finds the scenario that a word on the command line means: a file where it looks like one, else a built-in name.</summary>
internal static class ScenarioSource
{
    private static readonly string[] Extensions = [".scenario", ".csv"];

    /// <summary>Finds it; null where it is not to be had, and then says why.</summary>
    internal static Scenario? Find(string wanted, List<string> errors)
    {
        if (!wanted.Contains('/', StringComparison.Ordinal) && !Extensions.Any(extension => wanted.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
        {
            if (!BuiltInScenarios.TryGet(wanted, out Scenario? builtIn, out string? error)) errors.Add($"{error}, or a file's name ending in .scenario or .csv");
            return builtIn;
        }

        ScenarioReading reading = ScenarioFile.Load(wanted);
        errors.AddRange(reading.Errors.Select(error => error.ToString()));
        return reading.Scenario;
    }
}
