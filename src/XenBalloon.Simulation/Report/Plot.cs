using System.Collections.Immutable;
using System.Text;

namespace XenBalloon.Simulation.Report;

/// <summary>A plot over time as inline SVG.</summary>
/// <param name="Axes">Where values lie.</param>
/// <param name="Times">The moments, in seconds.</param>
/// <param name="Label">Writes a value at its axis.</param>
internal sealed record Plot(Axes Axes, ImmutableArray<double> Times, Func<double, string> Label)
{
    /// <summary>Filled from a lower line to an upper one.</summary>
    internal sealed record Band(string Style, ImmutableArray<double> From, ImmutableArray<double> To, string Title);

    /// <summary>Draws bands, and lines over them.</summary>
    internal void Draw(Markup page, string title, IEnumerable<Band> bands, IEnumerable<Series> lines)
    {
        string width = Axes.Coordinate(Axes.Left + Axes.Width + 8);
        string height = Axes.Coordinate(Axes.Above + Axes.Height + Axes.Below);
        page.Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", $"0 0 {width} {height}"), ("width", width), ("height", height), ("role", "img"));
        page.Element("title", title);
        Frame(page);
        foreach (Band band in bands) page.Open("path", ("class", $"band {band.Style}"), ("d", Path(band))).Element("title", band.Title).Close();
        foreach (Series line in lines)
        {
            page.Open("path", ("class", $"line {line.Style}"), ("d", Path(line.Values)));
            if (line.Title is { } hint) page.Element("title", hint);
            page.Close();
        }

        page.Close();
    }

    private void Frame(Markup page)
    {
        string right = Axes.Coordinate(Axes.Left + Axes.Width);
        foreach (double tick in Axes.Ticks())
        {
            string y = Axes.Coordinate(Axes.Y(tick));
            page.Empty("line", ("class", "grid"), ("x1", Axes.Coordinate(Axes.Left)), ("x2", right), ("y1", y), ("y2", y));
            page.Element("text", Label(tick), ("class", "value"), ("x", Axes.Coordinate(Axes.Left - 5)), ("y", Axes.Coordinate(Axes.Y(tick) + 3)));
        }

        foreach (double time in Axes.Times())
        {
            page.Element("text", Clock(time), ("class", "time"), ("x", Axes.Coordinate(Axes.X(time))), ("y", Axes.Coordinate(Axes.Above + Axes.Height + 12)));
        }
    }

    private string Path(Band band)
    {
        var path = new StringBuilder();
        for (int i = 0; i < Times.Length; i++) Append(path, i == 0 ? 'M' : 'L', Times[i], band.To[i]);
        for (int i = Times.Length - 1; i >= 0; i--) Append(path, 'L', Times[i], band.From[i]);
        return path.Append('Z').ToString();
    }

    // A moment that lies on the line between its neighbours is left out: most of most plots is flat.
    private string Path(ImmutableArray<double?> values)
    {
        var path = new StringBuilder();
        for (int i = 0; i < Times.Length; i++)
        {
            if (values[i] is not { } value) continue;
            bool begins = i == 0 || values[i - 1] is null;
            bool flat = !begins && i + 1 < Times.Length && values[i - 1] == value && values[i + 1] == value;
            if (!flat) Append(path, begins ? 'M' : 'L', Times[i], value);
        }

        return path.Length == 0 ? "M0 0" : path.ToString();
    }

    private void Append(StringBuilder path, char command, double time, double value) =>
        path.Append(command).Append(Axes.Coordinate(Axes.X(time))).Append(' ').Append(Axes.Coordinate(Axes.Y(value)));

    private static string Clock(double seconds) =>
        seconds == 0 ? "0" : seconds % 3600 == 0 ? $"{seconds / 3600:0} h" : seconds % 60 == 0 ? $"{seconds / 60:0} min" : $"{seconds:0} s";
}
