using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Top;

/// <summary>The terminal's other screen, without a cursor; disposed, the terminal is as it was.</summary>
internal sealed class Screen : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    private readonly Terminal terminal;

    internal Screen(Terminal terminal)
    {
        this.terminal = terminal;
        Write(Enter);
    }

    /// <inheritdoc/>
    public void Dispose() => Write(Leave);

    private void Write(string sequence)
    {
        terminal.Output.Write(sequence);
        terminal.Output.Flush();
    }
}
