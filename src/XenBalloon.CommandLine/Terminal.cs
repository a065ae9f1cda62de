using Spectre.Console;
using XenBalloon.Posix;

namespace XenBalloon.CommandLine;

/// <summary>The terminal, or whatever standard input, output and error are connected to.</summary>
internal sealed record Terminal
{
    private static readonly string[] WithoutCursor = ["dumb", "unknown"];

    /// <summary>Standard output.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether standard output is a terminal with cursor movements.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether standard input is a terminal.</summary>
    public bool HasKeys { get; init; }

    /// <summary>Whether standard error is a terminal with cursor movements.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>The most characters in a line; null for any number.</summary>
    public int? Width { get; init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        bool hasCursor =
            Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } term && !WithoutCursor.Contains(term);
        return new Terminal
        {
            Output = Console.Out,
            Error = Console.Error,
            IsInteractive = hasCursor && !Console.IsOutputRedirected,
            ShowsProgress = hasCursor && !Console.IsErrorRedirected,
            HasKeys = !Console.IsInputRedirected,
            Width = Console.IsOutputRedirected || Console.WindowWidth <= 0 ? null : Console.WindowWidth,
        };
    }

    /// <summary>A console on standard output for colours and cursor movements.</summary>
    public IAnsiConsole CreateConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = IsInteractive ? AnsiSupport.Yes : AnsiSupport.No,
        Out = new AnsiConsoleOutput(Output),
    });

    /// <summary>A console on standard error for progress; only where <see cref="ShowsProgress"/>.</summary>
    public IAnsiConsole CreateProgressConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
        Out = new AnsiConsoleOutput(Error),
    });
}

/// <summary>Writes all lines in one go, so that a reader never sees half a table.</summary>
internal static class LineWriter
{
    /// <exception cref="OutputException">Standard output cannot be written.</exception>
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
/// Standard output cannot be written, for example because its disk is full. Not an <see cref="IOException"/>, which
/// could concern another file.
/// </summary>
internal sealed class OutputException(IOException cause)
    : Exception($"cannot write to standard output: {cause.Message}", cause);

/// <summary>
/// Opens /dev/null for each standard stream that the parent process has closed. Otherwise the runtime fails, or a file
/// that it opens later becomes a standard stream.
/// </summary>
internal static class StandardDescriptors
{
    private const int Last = 2;

    internal static void Ensure()
    {
        for (int descriptor = 0; descriptor <= Last; descriptor++)
        {
            // open(2) takes the lowest free number, which is the missing descriptor.
            int copy = Libc.Duplicate(descriptor);
            _ = copy >= 0 ? Libc.Close(copy) : Libc.Open("/dev/null", Libc.OpenReadWrite);
        }
    }
}
