using System.Text;

namespace XenBalloon.Simulation.Files.Reading;

/// <summary>Reads text files of a size that can be meant.</summary>
internal static class TextFile
{
    private const int MostMiB = 64;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="error">Why it cannot be read; null where it was.</param>
    /// <returns>Its text; null where it cannot be read.</returns>
    public static string? Read(string path, out string? error)
    {
        error = null;
        try
        {
            if (Directory.Exists(path)) error = "this is a directory";
            else if (!File.Exists(path)) error = "there is no such file";
            else if (ReadUpTo(path, MostMiB * 1024 * 1024) is { } text) return text;
            else error = $"this is more than {MostMiB} MiB";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = $"it cannot be read: {exception.Message}";
        }

        return null;
    }

    // A pipe has no length, and a device may never end: what counts is what comes.
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
