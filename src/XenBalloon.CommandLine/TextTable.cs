using System.Collections.Immutable;

namespace XenBalloon.CommandLine;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">Its first line.</param>
/// <param name="IsNumber">Whether its cells are right-aligned.</param>
/// <param name="Expendable">The higher, the sooner it is left out when there is no room; 0 for never.</param>
internal sealed record TextColumn(string Header, bool IsNumber, int Expendable);

/// <summary>A plain table. When it is too wide, the last column is cut, and then others are left out.</summary>
internal sealed class TextTable(ImmutableArray<TextColumn> columns)
{
    private const string Gap = "  ";

    /// <summary>A last column that is cut shorter than this is of no use.</summary>
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
        shown.SkipLast(1).Sum(column => Widest(column) + Gap.Length)
        + Math.Min(Widest(shown[^1]), Math.Max(LeastOfLast, columns[shown[^1]].Header.Length));

    private int? MostExpendable(List<int> shown)
    {
        int column = shown.MaxBy(column => columns[column].Expendable);
        return columns[column].Expendable > 0 ? column : null;
    }

    private int Widest(int column) =>
        rows.Select(row => row[column].Length).Append(columns[column].Header.Length).Max();

    private string Line(List<int> shown, string[] cells, int limit)
    {
        string line = string.Join(Gap, shown.Select(column => Padded(column, cells[column])));
        return Printable.Cut(line.TrimEnd(), limit);
    }

    private string Padded(int column, string cell) =>
        columns[column].IsNumber ? cell.PadLeft(Widest(column)) : cell.PadRight(Widest(column));
}
