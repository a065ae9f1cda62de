using XenBalloon.Simulation.Files.Traces;

namespace XenBalloon.Simulation.Files.Reading;

/// <summary>Files in the directory of the one that names them.</summary>
/// <param name="directory">The directory.</param>
internal sealed class FilesBeside(string directory) : IFileSource
{
    // Many guests follow one recording: it is read once.
    private readonly Dictionary<string, (Trace? Trace, string? Error)> known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Trace? Trace(string name, out string? error)
    {
        if (!known.TryGetValue(name, out var file)) known.Add(name, file = Read(name));
        error = file.Error;
        return file.Trace;
    }

    private (Trace? Trace, string? Error) Read(string name)
    {
        if (TextFile.Read(Path.Combine(directory, name), out string? error) is not { } text) return (null, $"{Nearest.Quote(name)}: {error}");
        var errors = new FileErrors(name);
        Trace trace = new TraceReader(errors).Read(text);
        return errors.None ? (trace, null) : (null, errors.InOrder()[0].ToString());
    }
}
