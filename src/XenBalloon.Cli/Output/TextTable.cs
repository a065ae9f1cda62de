using System.Collections.Immutable;

namespace XenBalloon.Cli.Output;

/// <summary>A plain table. Where it is wider than it may be, the last column is cut, and then others are left out.</summary>
internal sealed class TextTable(ImmutableArray<TextColumn> columns)
{
    private const string Gap = "  ";

    /// <summary>A last column that is cut shorter than this says nothing any more.</summary>
    private const int LeastOfLast = 20;

    private readonly List<string[]> rows = [];

    /// <summary>Adds a row with a cell for each column.</summary>
    internal void Add(params string[] cells) => rows.Add(cells);

    /// <summary>The header and the rows.</summary>
    /// <param name="width">How wide a line may be; null for any.</param>
    internal IEnumerable<string> Lines(int? width)
    {
        List<int> shown = [.. Enumerable.Range(0, columns.Length)];
        int limit = width ?? int.MaxValue;
        while (LeastWidth(shown) > limit && MostExpendable(shown) is { } column) shown.Remove(column);
        yield return Line(shown, [.. columns.Select(column => column.Header)], limit);
        foreach (string[] row in rows) yield return Line(shown, row, limit);
    }

    private int LeastWidth(List<int> shown) =>
        shown.SkipLast(1).Sum(column => Widest(column) + Gap.Length) + Math.Min(Widest(shown[^1]), Math.Max(LeastOfLast, columns[shown[^1]].Header.Length));

    private int? MostExpendable(List<int> shown)
    {
        int column = shown.MaxBy(column => columns[column].Expendable);
        return columns[column].Expendable > 0 ? column : null;
    }

    private int Widest(int column) => rows.Select(row => row[column].Length).Append(columns[column].Header.Length).Max();

    private string Line(List<int> shown, string[] cells, int limit)
    {
        string line = string.Join(Gap, shown.Select(column => columns[column].IsNumber ? cells[column].PadLeft(Widest(column)) : cells[column].PadRight(Widest(column))));
        return Printable.Cut(line.TrimEnd(), limit);
    }
}
