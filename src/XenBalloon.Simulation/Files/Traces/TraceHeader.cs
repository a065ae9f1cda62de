using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>Which column of a recording stands where.</summary>
/// <param name="Columns">How many there are.</param>
/// <param name="Time">Where the time stands.</param>
/// <param name="Domain">Where the domain's name stands.</param>
/// <param name="Numbers">Where the numbers stand.</param>
internal sealed record TraceHeader(int Columns, int Time, int Domain, IReadOnlyList<(int Cell, TraceColumn Column)> Numbers)
{
    /// <summary>Reads the first line; null, with errors, where it is no header.</summary>
    public static TraceHeader? Read(CsvLine cells, FileErrors errors)
    {
        string[] names = [.. Enumerable.Range(0, cells.Count).Select(cell => cells[cell])];
        for (int cell = 0; cell < names.Length; cell++)
        {
            string name = names[cell];
            if (!TraceColumns.Names.Contains(name)) errors.Add(cells.At(cell), $"unknown column {Nearest.Quote(name)}: {Nearest.Hint(name, TraceColumns.Names)}");
            else if (Array.IndexOf(names, name) < cell) errors.Add(cells.At(cell), $"'{name}' is here a second time: once is enough");
        }

        string[] missing = [.. TraceColumns.RequiredNames.Except(names)];
        if (missing.Length > 0) errors.Add(cells.At(0), $"the header has no {string.Join(", ", missing)}");
        if (!errors.None) return null;
        return new TraceHeader(
            names.Length,
            Array.IndexOf(names, TraceColumns.Time),
            Array.IndexOf(names, TraceColumns.Domain),
            [.. TraceColumns.Numbers.Where(column => names.Contains(column.Name)).Select(column => (Array.IndexOf(names, column.Name), column))]);
    }
}
