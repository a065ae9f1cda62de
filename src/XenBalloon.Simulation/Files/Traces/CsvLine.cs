using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>A line of comma-separated values. A cell may stand in quotes, but no cell has a comma in it.</summary>
/// <param name="line">The line.</param>
/// <param name="at">Where it begins.</param>
internal readonly struct CsvLine(string line, Place at)
{
    private readonly string[] cells = line.Split(',');

    /// <summary>How many cells there are.</summary>
    public int Count => cells.Length;

    /// <summary>A cell's text, without blank space and quotes around it.</summary>
    public string this[int cell]
    {
        get
        {
            string text = cells[cell].Trim();
            return text is ['"', .., '"'] && text.Length > 1 ? text[1..^1] : text;
        }
    }

    /// <summary>Where a cell begins.</summary>
    public Place At(int cell) => at with { Column = at.Column + cells[..cell].Sum(before => before.Length + 1) };
}
