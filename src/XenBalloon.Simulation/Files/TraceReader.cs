using System.Globalization;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Parses a recording: comma-separated values with a header, and a row for each domain and time.
/// </summary>
/// <param name="errors">Collects the errors.</param>
internal sealed class TraceReader(FileErrors errors)
{
    // More than a host can run; bounds the memory for invalid files.
    private const int MostDomains = 1000;

    private const decimal LatestSecond = 1e11m;

    private readonly List<TraceDomain> domains = [];
    private readonly Dictionary<string, TraceDomain> byName = new(StringComparer.Ordinal);
    private TraceHeader? header;
    private decimal? begin;

    /// <summary>Parses a whole file. The result is meaningless if there were errors.</summary>
    public Trace Parse(string text)
    {
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            number++;
            if (errors.Full) break;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line[0] == '#') continue;
            var at = new Position(number, raw.IndexOf(line, StringComparison.Ordinal) + 1);
            CsvLine cells = new(line.ToString(), at);
            if (header is not null) ParseRow(cells, header);
            else if ((header = TraceHeader.Parse(cells, errors)) is null) break;
        }

        if (domains.Count == 0 && errors.None)
            errors.Add(Position.WholeFile, "empty recording: write a header and a row for each domain and time");
        return new Trace(domains);
    }

    private void ParseRow(CsvLine cells, TraceHeader header)
    {
        if (cells.Count != header.Columns)
        {
            errors.Add(cells.At(0), $"row of {cells.Count} cells under a header of {header.Columns}: write as many");
            return;
        }

        if (ParseTime(cells, header.Time) is not { } at) return;
        if (FindDomain(cells, header.Domain) is not { } domain) return;
        var sample = new TraceSample { At = at };
        foreach ((int cell, TraceColumn column) in header.Numbers) sample = ParseNumber(sample, cells, cell, column);
        if (domain.Samples.Count == 0 || at > domain.End)
        {
            domain.Samples.Add(sample);
            return;
        }

        string quote = ErrorText.Quote(domain.Name);
        errors.Add(cells.At(header.Time), $"rows of {quote} out of order: sort them by time");
    }

    private TimeSpan? ParseTime(CsvLine cells, int cell)
    {
        string text = cells[cell];
        bool isNumber = decimal.TryParse(
            text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal second);
        if (!isNumber || second > LatestSecond)
        {
            errors.Add(cells.At(cell), $"invalid time {ErrorText.Quote(text)}: write seconds, such as 12.5");
            return null;
        }

        begin ??= second;
        if (second >= begin) return new TimeSpan((long)((second - begin.Value) * TimeSpan.TicksPerSecond));
        errors.Add(cells.At(cell), $"time {ErrorText.Quote(text)} is before the first row: sort the rows by time");
        return null;
    }

    private TraceDomain? FindDomain(CsvLine cells, int cell)
    {
        string name = cells[cell];
        if (byName.TryGetValue(name, out TraceDomain? known)) return known;
        if (GuestTitle.Fault(name) is { } fault)
        {
            errors.Add(cells.At(cell), fault);
            return null;
        }

        if (domains.Count == MostDomains)
        {
            errors.Add(cells.At(cell), $"too many domains: record at most {MostDomains}");
            return null;
        }

        var domain = new TraceDomain(name);
        domains.Add(domain);
        byName.Add(name, domain);
        return domain;
    }

    private TraceSample ParseNumber(TraceSample sample, CsvLine cells, int cell, TraceColumn column)
    {
        string text = cells[cell];
        if (text.Length == 0 && !column.Required) return sample;
        bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        if (isNumber && number <= column.Most) return column.Set(sample, number);
        errors.Add(
            cells.At(cell),
            $"invalid {column.Name} {ErrorText.Quote(text)}: write a whole number up to {column.Most}");
        return sample;
    }
}

/// <summary>The order of the columns in a recording.</summary>
/// <param name="Columns">The number of columns.</param>
/// <param name="Time">The index of the time.</param>
/// <param name="Domain">The index of the domain name.</param>
/// <param name="Numbers">The indexes of the numbers.</param>
internal sealed record TraceHeader(
    int Columns, int Time, int Domain, IReadOnlyList<(int Cell, TraceColumn Column)> Numbers)
{
    /// <summary>Parses the first line; null, with errors, if it is not a valid header.</summary>
    public static TraceHeader? Parse(CsvLine cells, FileErrors errors)
    {
        string[] names = [.. Enumerable.Range(0, cells.Count).Select(cell => cells[cell])];
        for (int cell = 0; cell < names.Length; cell++)
        {
            string name = names[cell];
            if (!TraceColumns.Names.Contains(name))
            {
                string hint = ErrorText.Hint(name, TraceColumns.Names);
                errors.Add(cells.At(cell), $"unknown column {ErrorText.Quote(name)}: {hint}");
            }
            else if (Array.IndexOf(names, name) < cell)
            {
                errors.Add(cells.At(cell), $"duplicate column '{name}'");
            }
        }

        string[] missing = [.. TraceColumns.RequiredNames.Except(names)];
        if (missing.Length > 0) errors.Add(cells.At(0), $"header without {string.Join(", ", missing)}: add them");
        if (!errors.None) return null;
        return new TraceHeader(
            names.Length,
            Array.IndexOf(names, TraceColumns.Time),
            Array.IndexOf(names, TraceColumns.Domain),
            [
                .. TraceColumns.Numbers.Where(column => names.Contains(column.Name))
                    .Select(column => (Array.IndexOf(names, column.Name), column)),
            ]);
    }
}

/// <summary>A line of comma-separated values. A cell can be in quotes, but cannot contain a comma.</summary>
/// <param name="line">The line.</param>
/// <param name="at">The position of the line's text.</param>
internal readonly struct CsvLine(string line, Position at)
{
    private readonly string[] cells = line.Split(',');

    /// <summary>The number of cells.</summary>
    public int Count => cells.Length;

    /// <summary>The text of a cell, without surrounding blank space and quotes.</summary>
    public string this[int cell]
    {
        get
        {
            string text = cells[cell].Trim();
            return text is ['"', .., '"'] && text.Length > 1 ? text[1..^1] : text;
        }
    }

    /// <summary>The position of a cell.</summary>
    public Position At(int cell) =>
        at with { Column = at.Column + cells[..cell].Sum(before => before.Length + 1) };
}
