using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace XenBalloon.Simulation.Report;

/// <summary>A plot over time as inline SVG.</summary>
/// <param name="Axes">The axes.</param>
/// <param name="Times">The moments, in seconds.</param>
/// <param name="Label">Formats a value of the vertical axis.</param>
internal sealed record Plot(Axes Axes, ImmutableArray<double> Times, Func<double, string> Label)
{
    /// <summary>An area between a lower and an upper line.</summary>
    internal sealed record Band(string Style, ImmutableArray<double> From, ImmutableArray<double> To, string Title);

    /// <summary>Draws bands, and lines above them.</summary>
    internal void Draw(Markup page, string title, IEnumerable<Band> bands, IEnumerable<Series> lines)
    {
        string width = Axes.Coordinate(Axes.Left + Axes.Width + 8);
        string height = Axes.Coordinate(Axes.Above + Axes.Height + Axes.Below);
        page.Open(
            "svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", $"0 0 {width} {height}"), ("width", width),
            ("height", height), ("role", "img"));
        page.Element("title", title);
        Frame(page);
        foreach (Band band in bands)
            page.Open("path", ("class", $"band {band.Style}"), ("d", Path(band))).Element("title", band.Title).Close();
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
            page.Empty(
                "line", ("class", "grid"), ("x1", Axes.Coordinate(Axes.Left)), ("x2", right), ("y1", y), ("y2", y));
            page.Element(
                "text", Label(tick), ("class", "value"), ("x", Axes.Coordinate(Axes.Left - 5)),
                ("y", Axes.Coordinate(Axes.Y(tick) + 3)));
        }

        foreach (double time in Axes.Times())
        {
            page.Element(
                "text", Clock(time), ("class", "time"), ("x", Axes.Coordinate(Axes.X(time))),
                ("y", Axes.Coordinate(Axes.Above + Axes.Height + 12)));
        }
    }

    private string Path(Band band)
    {
        var path = new StringBuilder();
        for (int i = 0; i < Times.Length; i++) Append(path, i == 0 ? 'M' : 'L', Times[i], band.To[i]);
        for (int i = Times.Length - 1; i >= 0; i--) Append(path, 'L', Times[i], band.From[i]);
        return path.Append('Z').ToString();
    }

    // A moment on the line between its neighbours is left out: most of most plots is flat.
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
        seconds == 0
            ? "0"
            : seconds % 3600 == 0 ? $"{seconds / 3600:0} h"
            : seconds % 60 == 0 ? $"{seconds / 60:0} min"
            : $"{seconds:0} s";
}

/// <summary>The axes of a plot; the same for all plots that are compared.</summary>
/// <param name="Seconds">The length of the time axis.</param>
/// <param name="Low">The value at the bottom.</param>
/// <param name="High">The value at the top, above <paramref name="Low"/>.</param>
/// <param name="Logarithmic">Whether the vertical axis is logarithmic.</param>
internal sealed record Axes(double Seconds, double Low, double High, bool Logarithmic = false)
{
    /// <summary>The width of the plotting area.</summary>
    internal const double Width = 280;

    /// <summary>The height of the plotting area.</summary>
    internal const double Height = 96;

    /// <summary>The space to the left of it, for the values.</summary>
    internal const double Left = 46;

    /// <summary>The space below it, for the times.</summary>
    internal const double Below = 16;

    /// <summary>The space above it, so that the top value is not cut off.</summary>
    internal const double Above = 8;

    /// <summary>The horizontal position of a moment.</summary>
    internal double X(double seconds) => Left + (Width * seconds / Seconds);

    /// <summary>The vertical position of a value.</summary>
    internal double Y(double value)
    {
        double part = Logarithmic
            ? Math.Log(Math.Max(value, Low) / Low) / Math.Log(High / Low)
            : (value - Low) / (High - Low);
        return Above + (Height * (1 - Math.Clamp(part, 0, 1)));
    }

    /// <summary>The round values to mark, 2 to 6.</summary>
    internal IEnumerable<double> Ticks() => Logarithmic ? Decades() : Steps(Low, High);

    /// <summary>The round times to mark.</summary>
    internal IEnumerable<double> Times()
    {
        double[] round = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
        double step =
            round.FirstOrDefault(candidate => Seconds / candidate <= 5, Math.Ceiling(Seconds / 5 / 86400) * 86400);
        for (double time = 0; time <= Seconds; time += step) yield return time;
    }

    /// <summary>A coordinate as SVG expects it.</summary>
    internal static string Coordinate(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>The round number at or above a value, for the top of an axis.</summary>
    internal static double RoundUp(double value)
    {
        if (value <= 0) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        double[] round = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
        return power * round.First(candidate => candidate * power >= value * (1 - 1e-9));
    }

    private static IEnumerable<double> Steps(double low, double high)
    {
        double step = RoundUp((high - low) / 4);
        for (double value = Math.Ceiling(low / step) * step; value <= high + (step / 1000); value += step)
            yield return value;
    }

    private IEnumerable<double> Decades()
    {
        for (double decade = Low; decade <= High; decade *= 10)
        {
            yield return decade;
            if (High <= 20 * Low && decade * 2 <= High) yield return decade * 2;
            if (High <= 20 * Low && decade * 5 <= High) yield return decade * 5;
        }
    }
}

/// <summary>A line of a plot.</summary>
/// <param name="Style">The CSS classes.</param>
/// <param name="Values">The value at each moment; null leaves a gap.</param>
/// <param name="Title">The tooltip; null for none.</param>
internal sealed record Series(string Style, ImmutableArray<double?> Values, string? Title = null);
