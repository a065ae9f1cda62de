namespace XenBalloon.CommandLine;

/// <summary>Text that is safe to show: a name may hold anything, and must not steer the terminal.</summary>
internal static class Printable
{
    internal static string Of(string text) =>
        text.Any(char.IsControl) ? string.Create(text.Length, text, static (safe, text) =>
        {
            for (int i = 0; i < safe.Length; i++) safe[i] = char.IsControl(text[i]) ? '?' : text[i];
        }) : text;

    /// <summary>The start of a text, with dots where the rest is missing.</summary>
    internal static string Cut(string text, int width)
    {
        if (text.Length <= width) return text;
        return width <= 3 ? text[..Math.Max(0, width)] : string.Concat(text.AsSpan(0, width - 3), "...");
    }
}
