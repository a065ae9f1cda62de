using System.Globalization;

namespace XenBalloon.Simulation.Report;

/// <summary>Where values lie in a plot: the same for all plots that are to be compared.</summary>
/// <param name="Seconds">The length of the time axis.</param>
/// <param name="Low">The value at the bottom.</param>
/// <param name="High">The value at the top, above <paramref name="Low"/>.</param>
/// <param name="Logarithmic">Whether equal distances are equal factors.</param>
internal sealed record Axes(double Seconds, double Low, double High, bool Logarithmic = false)
{
    /// <summary>The width of what is drawn.</summary>
    internal const double Width = 280;

    /// <summary>The height of what is drawn.</summary>
    internal const double Height = 96;

    /// <summary>The room to the left of it, for the values.</summary>
    internal const double Left = 46;

    /// <summary>The room below it, for the times.</summary>
    internal const double Below = 16;

    /// <summary>The room above it, so that the top value is not cut.</summary>
    internal const double Above = 8;

    /// <summary>From the left, of a moment.</summary>
    internal double X(double seconds) => Left + (Width * seconds / Seconds);

    /// <summary>From the top, of a value.</summary>
    internal double Y(double value)
    {
        double part = Logarithmic ? Math.Log(Math.Max(value, Low) / Low) / Math.Log(High / Low) : (value - Low) / (High - Low);
        return Above + (Height * (1 - Math.Clamp(part, 0, 1)));
    }

    /// <summary>Round values to be marked, 2 to 6.</summary>
    internal IEnumerable<double> Ticks() => Logarithmic ? Decades() : Steps(Low, High);

    /// <summary>Round times to be marked.</summary>
    internal IEnumerable<double> Times()
    {
        double[] round = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
        double step = round.FirstOrDefault(candidate => Seconds / candidate <= 5, Math.Ceiling(Seconds / 5 / 86400) * 86400);
        for (double time = 0; time <= Seconds; time += step) yield return time;
    }

    /// <summary>A coordinate as SVG wants it.</summary>
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
        for (double value = Math.Ceiling(low / step) * step; value <= high + (step / 1000); value += step) yield return value;
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
