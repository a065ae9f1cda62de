using System.Globalization;
using System.Text;
using Spectre.Console;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Top;

/// <summary>A picture that is drawn over itself.</summary>
internal sealed class LiveView(Terminal terminal, IAnsiConsole console) : ITopView
{
    private const string Home = "\e[H";
    private const string ClearLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private readonly Glyphs glyphs = console.Profile.Capabilities.Unicode ? Glyphs.Unicode : Glyphs.Ascii;

    private readonly KeyReader keys = new();

    /// <summary>Begins to read keys, where there are any.</summary>
    internal LiveView Attend()
    {
        if (terminal.HasKeys) keys.Start();
        return this;
    }

    /// <inheritdoc/>
    public bool WantsToLeave() => keys.WantsToLeave;

    /// <inheritdoc/>
    public void Show(HostStatus host, bool isUpdate)
    {
        int width = Math.Max(20, Console.WindowWidth);
        int height = Math.Max(5, Console.WindowHeight);
        console.Profile.Width = width;
        IReadOnlyList<StyledLine> lines = new Frame(host, width, height, glyphs).Draw(DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture));

        // Everything in one write, over what is there: nothing flickers, and a resized terminal is clean again with the next picture.
        var picture = new StringBuilder(Home);
        picture.AppendJoin("\r\n", lines.Select(line => ClearLine + console.ToAnsi(line.Fit(width)).TrimEnd('\r', '\n'))).Append(ClearBelow);
        terminal.Output.Write(picture.ToString());
        terminal.Output.Flush();
    }
}
