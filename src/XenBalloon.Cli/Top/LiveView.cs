using System.Globalization;
using Spectre.Console;
using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Top;

/// <summary>A view on the alternate screen of a terminal, redrawn at each change.</summary>
internal sealed class LiveView : ITopView
{
    private const int LeastWidth = 20, LeastHeight = 5;

    private readonly IAnsiConsole console;
    private readonly LiveDisplayContext display;
    private readonly KeyReader keys = new();
    private (int Width, int Height) size;
    private bool showsHelp;

    private LiveView(IAnsiConsole console, LiveDisplayContext display)
    {
        this.console = console;
        this.display = display;
    }

    /// <summary>Switches to the alternate screen while an action runs.</summary>
    internal static void Show(Terminal terminal, Action<ITopView> watch)
    {
        IAnsiConsole console = terminal.CreateConsole();
        console.AlternateScreen(() => console
            .Live(Text.Empty)
            .Overflow(VerticalOverflow.Crop)
            .Start(display =>
            {
                var view = new LiveView(console, display);
                if (terminal.HasKeys) view.keys.Start();
                watch(view);
            }));
    }

    /// <inheritdoc/>
    public bool HasQuit() => keys.HasQuit;

    /// <inheritdoc/>
    public bool IsStale() => keys.WantsHelp != showsHelp;

    /// <inheritdoc/>
    public void Show(HostStatus host, bool isUpdate)
    {
        showsHelp = keys.WantsHelp;
        Resize();
        Glyphs glyphs = console.Profile.Capabilities.Unicode ? Glyphs.Unicode : Glyphs.Ascii;
        var frame = new Frame(host, size.Width, size.Height, glyphs);
        string time = DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        display.UpdateTarget(StyledLine.Join(showsHelp ? frame.Help() : frame.Draw(time), size.Width));
    }

    /// <summary>A terminal that was resized moves what was drawn before, so its screen is cleared.</summary>
    private void Resize()
    {
        (int Width, int Height) now =
            (Math.Max(LeastWidth, Console.WindowWidth), Math.Max(LeastHeight, Console.WindowHeight));
        if (size == now) return;
        if (size != default) console.Clear();
        (console.Profile.Width, console.Profile.Height) = size = now;
    }
}

/// <summary>
/// Reads keys on a thread of its own. Polling Console.KeyAvailable would switch the terminal between line and key mode
/// each time, and a key that is pressed in line mode is lost until the next newline.
/// </summary>
internal sealed class KeyReader
{
    private volatile bool hasQuit;
    private volatile bool wantsHelp;

    /// <summary>Whether q was pressed.</summary>
    internal bool HasQuit => hasQuit;

    /// <summary>Whether help is shown: h or ? shows it, and any key hides it.</summary>
    internal bool WantsHelp => wantsHelp;

    /// <summary>Starts to read; the thread ends with the process.</summary>
    internal void Start() => new Thread(Read) { IsBackground = true, Name = "keys" }.Start();

    private void Read()
    {
        try
        {
            while (!hasQuit)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (key == default) return; // the end of input
                hasQuit = key.KeyChar is 'q' or 'Q';
                wantsHelp = !wantsHelp && key.KeyChar is ('h' or 'H' or '?');
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // No more keys; a signal or the time limit still ends the view.
        }
    }
}
