using System.Collections.Immutable;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Reads scenario files (see xenballoon-scenario(5)) and recordings of hosts as comma-separated values. For any input
/// the result is a scenario or a list of errors; time and memory are bounded by the size of the file.
/// </summary>
public static class ScenarioFile
{
    private const string TraceExtension = ".csv";

    /// <summary>Reads a file.</summary>
    /// <param name="path">
    /// The file; a recording if the name ends in <c>.csv</c>. Recordings that a scenario names are read from the same
    /// directory.
    /// </param>
    public static ScenarioReading Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (TraceFiles.ReadText(path, out string? error) is { } text)
            return Parse(text, path, new TraceFiles(Path.GetDirectoryName(path) ?? ""));

        var errors = new FileErrors(path);
        errors.Add(Position.WholeFile, error!);
        return new ScenarioReading(null, errors.InOrder());
    }

    /// <summary>Parses the text of a file. It cannot name recordings.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">
    /// The name of the file: it decides the format, and is the default for the scenario's name.
    /// </param>
    public static ScenarioReading Parse(string text, string fileName)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        return Parse(text, fileName, new TraceFiles(directory: null));
    }

    private static ScenarioReading Parse(string text, string fileName, TraceFiles files)
    {
        var errors = new FileErrors(fileName);
        string name = Path.GetFileNameWithoutExtension(fileName);
        bool isTrace = fileName.EndsWith(TraceExtension, StringComparison.OrdinalIgnoreCase);
        Scenario? scenario = isTrace
            ? TraceScenario.Parse(text, name, errors)
            : new ScenarioReader(files, errors).Parse(text, name);
        return new ScenarioReading(errors.None ? scenario : null, errors.InOrder());
    }
}

/// <summary>The result of reading a scenario file.</summary>
/// <param name="Scenario">The scenario; null if there are errors.</param>
/// <param name="Errors">All errors in the order of lines.</param>
public sealed record ScenarioReading(Scenario? Scenario, ImmutableArray<ScenarioError> Errors);

/// <summary>An error in a scenario file.</summary>
/// <param name="File">The file's name as given.</param>
/// <param name="Line">The line, from 1; 0 for the whole file.</param>
/// <param name="Column">The column in characters, from 1; 0 for the whole line.</param>
/// <param name="Message">
/// What is wrong and what to write instead. It has no control characters and a limited length, whatever the file holds.
/// </param>
public readonly record struct ScenarioError(string File, int Line, int Column, string Message)
{
    /// <summary>
    /// The error in the format of compilers, for editors:
    /// <c>web.scenario:12:10: unknown key 'memroy': did you mean 'memory'?</c>
    /// </summary>
    public override string ToString() => (Line, Column) switch
    {
        (0, _) => $"{File}: {Message}",
        (_, 0) => $"{File}:{Line}: {Message}",
        _ => $"{File}:{Line}:{Column}: {Message}",
    };
}
