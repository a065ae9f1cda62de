namespace XenBalloon.CommandLine;

/// <summary>Writes lines in one go, so that a reader never sees half a table.</summary>
internal static class LineWriter
{
    /// <exception cref="OutputException">They could not be written.</exception>
    internal static void Write(Terminal terminal, IEnumerable<string> lines)
    {
        string text = string.Concat(lines.Select(line => line + '\n'));
        try
        {
            terminal.Output.Write(text);
            terminal.Output.Flush();
        }
        catch (IOException exception)
        {
            throw new OutputException(exception);
        }
    }
}

/// <summary>
/// Standard output cannot be written to: its disk is full, for example. Not an <see cref="IOException"/>, which could
/// be about another file.
/// </summary>
internal sealed class OutputException(IOException cause)
    : Exception($"cannot write to standard output: {cause.Message}", cause);
