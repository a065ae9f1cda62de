using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>
/// A requirement on a policy, in one line: <c>fair-share slowdown.p99 &lt;= 1.05</c>, <c>slowdown.mean@web1 &lt;= 0.7 *
/// static</c>, or <c>oom &lt;= peers + interval</c>. The mean over the seeds is compared.
/// </summary>
public sealed record PassLine
{
    /// <summary>The policy of a line that names none.</summary>
    public const string DefaultPolicy = "fair-share";

    /// <summary>Stands for each of the other systems' policies that was run.</summary>
    public const string Peers = "peers";

    /// <summary>Follows a bound that may be exceeded by chance.</summary>
    public const string Interval = "+ interval";

    /// <summary>The policy that must meet the requirement.</summary>
    public string Policy { get; init; } = DefaultPolicy;

    /// <summary>The metric.</summary>
    public required Metric Metric { get; init; }

    /// <summary>The guest; null for all guests together.</summary>
    public string? Guest { get; init; }

    /// <summary>The comparison.</summary>
    public required Comparison Comparison { get; init; }

    /// <summary>The bound in the metric's unit; with <see cref="Other"/>, a factor of its value.</summary>
    public required double Bound { get; init; }

    /// <summary>The policy to compare with, or <see cref="Peers"/>; null if <see cref="Bound"/> is the value.</summary>
    public string? Other { get; init; }

    /// <summary>
    /// Whether the line fails only if the difference, paired by seed, is larger than its 95 % interval.
    /// </summary>
    public bool AddsInterval { get; init; }

    /// <summary>The pass lines of a scenario.</summary>
    /// <exception cref="FormatException">A line is invalid; lines that were read from a file are valid.</exception>
    public static ImmutableArray<PassLine> Of(Scenario scenario) =>
    [
        .. scenario.PassLines.Select(text =>
            TryParse(text, out PassLine? line, out string? error) ? line : throw new FormatException(error)),
    ];

    /// <summary>Reads a pass line.</summary>
    /// <param name="text">
    /// <c>[POLICY] METRIC[@GUEST] COMPARISON BOUND</c>, separated by spaces. BOUND is a number with an optional unit
    /// that fits the metric (<c>10s</c>, <c>180MiB</c>, <c>5%</c>), or <c>[FACTOR *] POLICY [+ interval]</c>, where
    /// POLICY may be <c>peers</c>.
    /// </param>
    /// <param name="line">The line.</param>
    /// <param name="error">The error and the expected form; null if valid.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out PassLine? line, [NotNullWhen(false)] out string? error) =>
        PassLineParser.TryParse(text, out line, out error);

    /// <summary>The line as scenario files contain it.</summary>
    public override string ToString()
    {
        string bound = Bound.ToString("0.##########", CultureInfo.InvariantCulture);
        string right = Other is null ? bound : Bound == 1 ? Other : $"{bound} * {Other}";
        string line = $"{Policy} {Metric.Name}{(Guest is null ? "" : $"@{Guest}")} {Comparison.Sign()} {right}";
        return AddsInterval ? $"{line} {Interval}" : line;
    }
}

/// <summary>The comparison of a <see cref="PassLine"/>.</summary>
public enum Comparison
{
    /// <summary><c>&lt;=</c></summary>
    AtMost,

    /// <summary><c>&lt;</c></summary>
    Below,

    /// <summary><c>&gt;=</c></summary>
    AtLeast,

    /// <summary><c>&gt;</c></summary>
    Above,

    /// <summary><c>=</c></summary>
    Equal,
}

/// <summary>Reads, writes and applies comparisons.</summary>
internal static class Comparisons
{
    /// <summary>Sums over ticks and seeds have rounding errors: smaller relative differences are ignored.</summary>
    private const double Precision = 1e-9;

    private static readonly (string Sign, Comparison Comparison)[] Signs =
    [
        ("<=", Comparison.AtMost),
        ("<", Comparison.Below),
        (">=", Comparison.AtLeast),
        (">", Comparison.Above),
        ("=", Comparison.Equal),
    ];

    /// <summary>All signs, for error messages.</summary>
    public static string Known => string.Join(' ', Signs.Select(known => known.Sign));

    /// <summary>Reads a sign; null if unknown.</summary>
    public static Comparison? Parse(string sign) =>
        Signs.Where(known => known.Sign == sign).Select(known => (Comparison?)known.Comparison).FirstOrDefault();

    /// <summary>The sign.</summary>
    public static string Sign(this Comparison comparison) => Signs.First(known => known.Comparison == comparison).Sign;

    /// <summary>Whether a value meets a bound.</summary>
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
