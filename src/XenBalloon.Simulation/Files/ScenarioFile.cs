using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Files.Traces;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Reads scenarios from files: text that a person wrote (see xenballoon-scenario(5)), or a recording of a host as comma-separated values. Whatever a file
/// holds, the answer is a scenario or what is wrong with it, in time and memory that grow with the file's size alone.
/// </summary>
public static class ScenarioFile
{
    private const string TraceExtension = ".csv";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; a recording where its name ends in <c>.csv</c>. Recordings that a scenario names are looked for beside it.</param>
    public static ScenarioReading Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (TextFile.Read(path, out string? error) is { } text)
        {
            return Parse(text, path, new FilesBeside(Path.GetDirectoryName(path) ?? ""));
        }

        var errors = new FileErrors(path);
        errors.Add(Place.Nowhere, error!);
        return new ScenarioReading(null, errors.InOrder());
    }

    /// <summary>Reads a text as if it were a file.</summary>
    /// <param name="text">What the file would hold.</param>
    /// <param name="fileName">What the file would be called: its name says what it is, and names a scenario that does not name itself.</param>
    public static ScenarioReading Parse(string text, string fileName)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        return Parse(text, fileName, new NoFiles());
    }

    private static ScenarioReading Parse(string text, string fileName, IFileSource files)
    {
        var errors = new FileErrors(fileName);
        string name = Path.GetFileNameWithoutExtension(fileName);
        bool isTrace = fileName.EndsWith(TraceExtension, StringComparison.OrdinalIgnoreCase);
        Scenario? scenario = isTrace ? TraceScenario.Read(text, name, errors) : new ScenarioReader(files, errors).Read(text, name);
        return new ScenarioReading(errors.None ? scenario : null, errors.InOrder());
    }
}
