using System.Globalization;
using XenBalloon.Simulation.Files.Grammar;
using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>Reads a recording: comma-separated values under a header, a row for each domain and moment.</summary>
/// <param name="errors">Where to say what is wrong.</param>
internal sealed class TraceReader(FileErrors errors)
{
    // Far beyond what a host can hold, and a bound to what junk can make of a file.
    private const int MostDomains = 1000;

    private const decimal LatestSecond = 1e11m;

    private readonly List<TraceDomain> domains = [];
    private readonly Dictionary<string, TraceDomain> byName = new(StringComparer.Ordinal);
    private TraceHeader? header;
    private decimal? begin;

    /// <summary>Reads a whole file; what it returns means nothing where there were errors.</summary>
    public Trace Read(string text)
    {
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            number++;
            if (errors.Full) break;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line[0] == '#') continue;
            CsvLine cells = new(line.ToString(), new Place(number, raw.IndexOf(line, StringComparison.Ordinal) + 1));
            if (header is not null) ReadRow(cells, header);
            else if ((header = TraceHeader.Read(cells, errors)) is null) break;
        }

        if (domains.Count == 0 && errors.None) errors.Add(Place.Nowhere, "nothing was recorded: write a header and a row for each domain and moment");
        return new Trace(domains);
    }

    private void ReadRow(CsvLine cells, TraceHeader header)
    {
        if (cells.Count != header.Columns)
        {
            errors.Add(cells.At(0), $"this row has {cells.Count} cells and the header {header.Columns}: write as many");
            return;
        }

        if (ReadTime(cells, header.Time) is not { } at || FindDomain(cells, header.Domain) is not { } domain) return;
        var sample = new TraceSample { At = at };
        foreach ((int cell, TraceColumn column) in header.Numbers) sample = ReadNumber(sample, cells, cell, column);
        if (domain.Samples.Count > 0 && at <= domain.End) errors.Add(cells.At(header.Time), $"{Nearest.Quote(domain.Name)} has a later row above this one: write the rows in order of time");
        else domain.Samples.Add(sample);
    }

    private TimeSpan? ReadTime(CsvLine cells, int cell)
    {
        string text = cells[cell];
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal second) || second > LatestSecond)
        {
            errors.Add(cells.At(cell), $"{Nearest.Quote(text)} is no time: write seconds, such as 12.5");
            return null;
        }

        begin ??= second;
        if (second >= begin) return new TimeSpan((long)((second - begin.Value) * TimeSpan.TicksPerSecond));
        errors.Add(cells.At(cell), $"{Nearest.Quote(text)} is before the first row's time: write the rows in order of time");
        return null;
    }

    private TraceDomain? FindDomain(CsvLine cells, int cell)
    {
        string name = cells[cell];
        if (byName.TryGetValue(name, out TraceDomain? known)) return known;
        if (GuestTitle.Flaw(name) is { } flaw)
        {
            errors.Add(cells.At(cell), flaw);
            return null;
        }

        if (domains.Count == MostDomains)
        {
            errors.Add(cells.At(cell), $"these are more than {MostDomains} domains");
            return null;
        }

        var domain = new TraceDomain(name);
        domains.Add(domain);
        byName.Add(name, domain);
        return domain;
    }

    private TraceSample ReadNumber(TraceSample sample, CsvLine cells, int cell, TraceColumn column)
    {
        string text = cells[cell];
        if (text.Length == 0 && !column.Required) return sample;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= column.Most) return column.Set(sample, number);
        errors.Add(cells.At(cell), $"{Nearest.Quote(text)} is no {column.Name}: write a whole number up to {column.Most}");
        return sample;
    }
}
