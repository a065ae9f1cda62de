using Spectre.Console;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Top;

/// <summary>A line of text in several styles.</summary>
internal sealed class StyledLine
{
    private readonly List<(string Text, Style Style)> spans = [];

    /// <summary>How many columns of the terminal the line fills.</summary>
    internal int Length => spans.Sum(span => Printable.Width(span.Text));

    /// <summary>Adds text.</summary>
    internal StyledLine Add(string text, Style? style = null)
    {
        spans.Add((text, style ?? Style.Plain));
        return this;
    }

    /// <summary>Adds blanks up to a column.</summary>
    internal StyledLine PadTo(int column) => Add(new string(' ', Math.Max(0, column - Length)));

    /// <summary>The lines, each cut at a width.</summary>
    internal static Paragraph Join(IReadOnlyList<StyledLine> lines, int width)
    {
        var paragraph = new Paragraph();
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0) paragraph.Append("\n");
            lines[i].AppendTo(paragraph, width);
        }

        return paragraph;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Concat(spans.Select(span => span.Text));

    private void AppendTo(Paragraph paragraph, int width)
    {
        int left = width;
        foreach ((string text, Style style) in spans)
        {
            string start = Printable.Start(text, left);
            if (start.Length == 0) continue;
            paragraph.Append(start, style);
            left -= Printable.Width(start);
        }
    }
}

/// <summary>The styles of the live view, which is complete without them too.</summary>
internal static class Palette
{
    internal static Style InUse { get; } = new(Color.Orange1);

    internal static Style RecentPeak { get; } = new(Color.Gold1);

    internal static Style Idle { get; } = new(Color.Green3);

    internal static Style Faint { get; } = new(Color.Grey50);

    internal static Style Target { get; } = new(Color.White, decoration: Decoration.Bold);

    internal static Style Strong { get; } = new(decoration: Decoration.Bold);

    internal static Style Grows { get; } = new(Color.Orange1, decoration: Decoration.Bold);

    internal static Style Shrinks { get; } = new(Color.DeepSkyBlue1, decoration: Decoration.Bold);

    internal static Style Alarm { get; } = new(Color.Red, decoration: Decoration.Bold);

    private static readonly Color[] Domains =
    [
        Color.DeepSkyBlue1,
        Color.Gold1,
        Color.MediumPurple1,
        Color.SpringGreen3,
        Color.Salmon1,
        Color.Turquoise2,
        Color.HotPink,
        Color.Chartreuse3,
    ];

    /// <summary>The style of a domain, which it keeps while it lives; dom0 is grey.</summary>
    internal static Style OfDomain(uint domid) =>
        domid == 0 ? Faint : new Style(Domains[(domid - 1) % Domains.Length]);
}

/// <summary>The characters that bars are drawn with.</summary>
internal sealed record Glyphs(
    char InUse, char RecentPeak, char Idle, char NotHeld, char Target, char Grows, char Shrinks)
{
    internal static Glyphs Unicode { get; } = new('█', '▓', '▒', '·', '┃', '▲', '▼');

    internal static Glyphs Ascii { get; } = new('#', '+', '=', '.', '|', '^', 'v');
}
