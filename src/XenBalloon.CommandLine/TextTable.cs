using System.Collections.Immutable;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace XenBalloon.CommandLine;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">The header.</param>
/// <param name="IsNumber">Whether the cells are right-aligned.</param>
/// <param name="Expendable">
/// The order in which columns are dropped from a table that is too wide: the highest first, 0 never.
/// </param>
internal sealed record TextColumn(string Header, bool IsNumber, int Expendable);

/// <summary>
/// A table as plain text. If it is too wide, its last column is cut; if that is not enough, other columns are dropped.
/// </summary>
internal sealed class TextTable(ImmutableArray<TextColumn> columns)
{
    private const int Gap = 2;

    /// <summary>The last column is useless if it is cut shorter than this.</summary>
    private const int ShortestLastColumn = 20;

    private readonly List<string[]> rows = [];

    /// <summary>Adds a row with a cell for each column.</summary>
    internal void Add(params string[] cells) => rows.Add(cells);

    /// <summary>The header and the rows.</summary>
    /// <param name="width">The most characters in a line; null for any number.</param>
    internal IEnumerable<string> Lines(int? width)
    {
        List<int> shown = [.. Enumerable.Range(0, columns.Length)];
        int limit = width ?? int.MaxValue;
        while (LeastWidth(shown) > limit && MostExpendable(shown) is { } column) shown.Remove(column);

        IAnsiConsole console = PlainConsole();
        console.Profile.Width = shown.Sum(column => Widest(column) + Gap);
        IEnumerable<string> lines = Segment.SplitLines(ToTable(shown).GetSegments(console))
            .Select(line => string.Concat(line.Select(segment => segment.Text)));
        return lines.Select(line => Printable.Cut(line.TrimEnd(), limit));
    }

    /// <summary>A console that only renders: without colours, whatever the terminal can do.</summary>
    private static IAnsiConsole PlainConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.No,
        ColorSystem = ColorSystemSupport.NoColors,
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        Out = new AnsiConsoleOutput(TextWriter.Null),
    });

    private Table ToTable(List<int> shown)
    {
        Table table = new Table().NoBorder();
        foreach (TextColumn column in shown.Select(index => columns[index]))
        {
            table.AddColumn(new TableColumn(new Text(column.Header))
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                NoWrap = true,
                Padding = new Padding(0, 0, Gap, 0),
            });
        }

        foreach (string[] row in rows) table.AddRow(shown.Select(column => new Text(row[column])));
        return table;
    }

    private int LeastWidth(List<int> shown) =>
        shown.SkipLast(1).Sum(column => Widest(column) + Gap)
        + Math.Min(Widest(shown[^1]), Math.Max(ShortestLastColumn, columns[shown[^1]].Header.Length));

    private int? MostExpendable(List<int> shown)
    {
        int column = shown.MaxBy(column => columns[column].Expendable);
        return columns[column].Expendable > 0 ? column : null;
    }

    private int Widest(int column) =>
        rows.Select(row => Printable.Width(row[column])).Append(columns[column].Header.Length).Max();
}
