namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>Comparisons as they are written, and what they say.</summary>
internal static class Comparisons
{
    /// <summary>Sums over ticks and seeds end in digits that mean nothing: differences below this part are none.</summary>
    private const double Precision = 1e-9;

    private static readonly (string Sign, Comparison Comparison)[] Signs =
    [
        ("<=", Comparison.AtMost),
        ("<", Comparison.Below),
        (">=", Comparison.AtLeast),
        (">", Comparison.Above),
        ("=", Comparison.Equal),
    ];

    /// <summary>All signs, as an error names them.</summary>
    public static string Known => string.Join(' ', Signs.Select(known => known.Sign));

    /// <summary>Reads a sign; null for none.</summary>
    public static Comparison? Parse(string sign) => Signs.Where(known => known.Sign == sign).Select(known => (Comparison?)known.Comparison).FirstOrDefault();

    /// <summary>The sign.</summary>
    public static string Sign(this Comparison comparison) => Signs.First(known => known.Comparison == comparison).Sign;

    /// <summary>Whether a value and a bound compare as they should.</summary>
    public static bool Holds(this Comparison comparison, double value, double bound)
    {
        double noise = Precision * Math.Max(1, Math.Abs(bound));
        return comparison switch
        {
            Comparison.AtMost => value <= bound + noise,
            Comparison.Below => value < bound - noise,
            Comparison.AtLeast => value >= bound - noise,
            Comparison.Above => value > bound + noise,
            _ => Math.Abs(value - bound) <= noise,
        };
    }
}
