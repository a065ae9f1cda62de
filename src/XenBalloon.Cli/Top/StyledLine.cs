using Spectre.Console;

namespace XenBalloon.Cli.Top;

/// <summary>A line on the screen, of parts in their own styles.</summary>
internal sealed class StyledLine
{
    private readonly List<(string Text, Style Style)> parts = [];

    /// <summary>How many characters it has.</summary>
    internal int Length => parts.Sum(part => part.Text.Length);

    /// <summary>Adds a part.</summary>
    internal StyledLine Add(string text, Style? style = null)
    {
        parts.Add((text, style ?? Style.Plain));
        return this;
    }

    /// <summary>Adds blanks up to a column.</summary>
    internal StyledLine To(int column) => Add(new string(' ', Math.Max(0, column - Length)));

    /// <summary>The start of the line, as far as it fits.</summary>
    internal Paragraph Fit(int width)
    {
        var paragraph = new Paragraph();
        int left = width;
        foreach ((string text, Style style) in parts)
        {
            if (left <= 0) break;
            paragraph.Append(text.Length <= left ? text : text[..left], style);
            left -= text.Length;
        }

        return paragraph;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Concat(parts.Select(part => part.Text));
}
