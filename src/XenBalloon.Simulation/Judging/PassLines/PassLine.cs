using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>
/// What a scenario asks of a policy, in one line: <c>fair-share slowdown.p99 &lt;= 1.05</c>, <c>slowdown.mean@web1
/// &lt;= 0.7 * static</c>, or <c>oom &lt;= peers + interval</c>. Compared is the mean over the seeds.
/// </summary>
public sealed record PassLine
{
    /// <summary>The policy that a line without one is about.</summary>
    public const string DefaultPolicy = "fair-share";

    /// <summary>Stands for each of the other systems' balancers that was run.</summary>
    public const string Peers = "peers";

    /// <summary>Follows a bound that may be exceeded by what may be chance.</summary>
    public const string Interval = "+ interval";

    /// <summary>Of which policy it is asked.</summary>
    public string Policy { get; init; } = DefaultPolicy;

    /// <summary>What is measured.</summary>
    public required Metric Metric { get; init; }

    /// <summary>In which guest; null for all of them together.</summary>
    public string? Guest { get; init; }

    /// <summary>How it is compared.</summary>
    public required Comparison Comparison { get; init; }

    /// <summary>With what, in the metric's unit; with <see cref="Other"/>, the part or multiple of its value.</summary>
    public required double Bound { get; init; }

    /// <summary>
    /// The policy with whose value of the same metric it is compared, or <see cref="Peers"/>; null where <see
    /// cref="Bound"/> is the value.
    /// </summary>
    public string? Other { get; init; }

    /// <summary>Whether it holds unless the difference, paired by seed, is larger than its 95 % interval.</summary>
    public bool AddsInterval { get; init; }

    /// <summary>Reads a line.</summary>
    /// <param name="text">
    /// <c>[POLICY] METRIC[@GUEST] COMPARISON BOUND</c>, words apart by spaces. BOUND is a number, with or without a unit that the metric has
    /// (<c>10s</c>, <c>180MiB</c>, <c>5%</c>), or <c>[FACTOR *] POLICY [+ interval]</c>, where POLICY may be
    /// <c>peers</c>.
    /// </param>
    /// <param name="line">What it says.</param>
    /// <param name="error">What is wrong with it and what to write instead; null when it was read.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out PassLine? line, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PassLineParser.TryParse(text, out line, out error);
    }

    /// <summary>The pass lines of a scenario.</summary>
    /// <exception cref="FormatException">A line is invalid; lines that were read from a file are valid.</exception>
    public static ImmutableArray<PassLine> Of(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return [.. scenario.PassLines.Select(
            text => TryParse(text, out PassLine? line, out string? error) ? line : throw new FormatException(error))];
    }

    /// <summary>The line as <see cref="TryParse"/> reads it.</summary>
    public override string ToString()
    {
        string bound = Bound.ToString("0.##########", CultureInfo.InvariantCulture);
        string right = Other is null ? bound : Bound == 1 ? Other : $"{bound} * {Other}";
        string line = $"{Policy} {Metric.Name}{(Guest is null ? "" : $"@{Guest}")} {Comparison.Sign()} {right}";
        return AddsInterval ? $"{line} {Interval}" : line;
    }
}
