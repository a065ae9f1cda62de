using Spectre.Console.Rendering;

namespace XenBalloon.CommandLine;

/// <summary>Text that is safe to show: names may contain control characters, which could steer the terminal.</summary>
internal static class Printable
{
    private const string Ellipsis = "...";

    /// <summary>The text with a question mark for each control character.</summary>
    internal static string Of(string text) =>
        text.Any(char.IsControl) ? string.Create(text.Length, text, static (safe, text) =>
        {
            for (int i = 0; i < safe.Length; i++) safe[i] = char.IsControl(text[i]) ? '?' : text[i];
        }) : text;

    /// <summary>How many columns of a terminal the text fills; some characters fill two.</summary>
    internal static int Width(string text) => new Segment(text).CellCount();

    /// <summary>The start of a text that fits, with dots if something is missing.</summary>
    internal static string Cut(string text, int width)
    {
        if (Width(text) <= width) return text;
        return width <= Ellipsis.Length ? Start(text, width) : Start(text, width - Ellipsis.Length) + Ellipsis;
    }

    /// <summary>As much of the start of a text as fits.</summary>
    internal static string Start(string text, int width) =>
        width <= 0 ? "" : Segment.Truncate(new Segment(text), width)?.Text ?? "";
}
