using XenBalloon.CommandLine;

namespace XenBalloon.Simulation.Commands;

/// <summary>How far a simulation is, in one line of standard error that goes away again; nothing where that is no terminal.</summary>
internal sealed class ProgressLine(Terminal terminal, string scenario, int runs) : IDisposable
{
    private const string Erase = "\r\x1b[K";

    private int shownPercent = -1;

    /// <summary>So many runs have ended.</summary>
    internal void Show(int ended)
    {
        int percent = (int)(100L * ended / runs);
        if (!terminal.ShowsProgress || percent == shownPercent) return;
        shownPercent = percent;
        terminal.Error.Write($"{Erase}simulating {Printable.Of(scenario)}: {percent} %");
        terminal.Error.Flush();
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (shownPercent >= 0) terminal.Error.Write(Erase);
    }
}
