using System.Text;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>The recordings in the directory of a scenario file. Each is read once.</summary>
/// <param name="directory">The directory; null for a text that is not a file.</param>
internal sealed class TraceFiles(string? directory)
{
    private const int MostMiB = 64;

    private readonly Dictionary<string, (Trace? Trace, string? Error)> known = new(StringComparer.Ordinal);

    /// <summary>Reads a recording.</summary>
    /// <param name="name">The file name in the scenario.</param>
    /// <param name="error">The error; null on success.</param>
    public Trace? Read(string name, out string? error)
    {
        if (!known.TryGetValue(name, out var file)) known.Add(name, file = Read(name));
        error = file.Error;
        return file.Trace;
    }

    /// <summary>Reads a text file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="error">The error; null on success.</param>
    /// <returns>The text; null on an error.</returns>
    public static string? ReadText(string path, out string? error)
    {
        error = null;
        try
        {
            if (Directory.Exists(path)) error = "directory instead of a file";
            else if (!File.Exists(path)) error = "no such file";
            else if (ReadUpTo(path, MostMiB * 1024 * 1024) is { } text) return text;
            else error = $"larger than {MostMiB} MiB";
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = $"cannot read the file: {exception.Message}";
        }

        return null;
    }

    private (Trace? Trace, string? Error) Read(string name)
    {
        string quote = ErrorText.Quote(name);
        if (directory is null) return (null, $"cannot read {quote}: the scenario is not a file");
        if (ReadText(Path.Combine(directory, name), out string? error) is not { } text)
            return (null, $"{quote}: {error}");
        var errors = new FileErrors(name);
        Trace trace = new TraceReader(errors).Parse(text);
        return errors.None ? (trace, null) : (null, errors.InOrder()[0].ToString());
    }

    // A pipe has no length, and a device can be endless: the limit applies to what has been read.
    private static string? ReadUpTo(string path, int most)
    {
        using var reader = new StreamReader(path);
        var text = new StringBuilder();
        char[] block = new char[64 * 1024];
        while (reader.Read(block) is var count and > 0)
        {
            if (text.Length + count > most) return null;
            text.Append(block, 0, count);
        }

        return text.ToString();
    }
}
