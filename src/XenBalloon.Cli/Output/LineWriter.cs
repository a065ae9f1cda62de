namespace XenBalloon.Cli.Output;

/// <summary>Writes lines in one go, so that a reader never sees half a table.</summary>
internal static class LineWriter
{
    internal static void Write(Terminal terminal, IEnumerable<string> lines)
    {
        terminal.Output.Write(string.Concat(lines.Select(line => line + '\n')));
        terminal.Output.Flush();
    }
}
