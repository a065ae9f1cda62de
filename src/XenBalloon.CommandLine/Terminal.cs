using Spectre.Console;

namespace XenBalloon.CommandLine;

/// <summary>Where output goes and input comes from.</summary>
internal sealed record Terminal
{
    private static readonly string[] Plain = ["dumb", "unknown"];

    /// <summary>Standard output.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether standard output is a terminal that can move its cursor; then colour and lines that fit are wanted, and otherwise plain text.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether keys can be read.</summary>
    public bool HasKeys { get; init; }

    /// <summary>Whether standard error is a terminal that can move its cursor, where progress may be shown.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>How many characters fit in a line; null for any number.</summary>
    public int? Width { get; init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        bool capable = Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } term && !Plain.Contains(term);
        return new Terminal
        {
            Output = Console.Out,
            Error = Console.Error,
            IsInteractive = capable && !Console.IsOutputRedirected,
            ShowsProgress = capable && !Console.IsErrorRedirected,
            HasKeys = !Console.IsInputRedirected,
            Width = Console.IsOutputRedirected || Console.WindowWidth <= 0 ? null : Console.WindowWidth,
        };
    }

    /// <summary>A console for colour and cursor movements.</summary>
    public IAnsiConsole CreateConsole() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Output) });
}
