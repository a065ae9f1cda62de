using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>Reads pass lines.</summary>
internal static class PassLineParser
{
    private const string Form =
        "expected [POLICY] METRIC[@GUEST] COMPARISON BOUND, such as 'fair-share slowdown.p99 <= 1.05'";

    private static readonly string[] Interval = PassLine.Interval.Split(' ');

    /// <summary>Reads a pass line.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out PassLine? line, [NotNullWhen(false)] out string? error)
    {
        line = null;
        List<string> words = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
        int sign = words.FindIndex(word => Comparisons.Parse(word) is not null);
        if (sign is not (1 or 2) || words.Count == sign + 1)
        {
            error = sign < 0 && words.Count > 2
                ? $"'{text.Trim()}' has no comparison: use one of {Comparisons.Known}"
                : $"invalid pass line '{text.Trim()}': {Form}";
            return false;
        }

        string policy = sign == 2 ? words[0] : PassLine.DefaultPolicy;
        if (!PolicyCatalog.TryGet(policy, out _, out error)) return false;
        if (!TryMetric(words[sign - 1], out Metric? metric, out string? guest, out error)) return false;
        List<string> right = words[(sign + 1)..];
        bool addsInterval = right.Count > Interval.Length && right[^Interval.Length..].SequenceEqual(Interval);
        if (addsInterval) right = right[..^Interval.Length];
        if (!TryBound(right, metric, out double bound, out string? other, out error)) return false;
        line = new PassLine
        {
            Policy = policy,
            Metric = metric,
            Guest = guest,
            Comparison = Comparisons.Parse(words[sign])!.Value,
            Bound = bound,
            Other = other,
            AddsInterval = addsInterval,
        };
        error = Flaw(line);
        if (error is not null) line = null;
        return error is null;
    }

    private static string? Flaw(PassLine line)
    {
        if (line.Other == line.Policy)
            return $"{line.Policy} is compared with itself: name another policy after the comparison";
        if (line.AddsInterval && line.Other is null)
            return $"'{PassLine.Interval}' needs a policy: write POLICY {PassLine.Interval}, or remove it";
        if (line.AddsInterval && line.Metric.ComparesPolicies)
            return $"'{line.Metric}' has no value for each seed: remove '{PassLine.Interval}'";
        return (line.AddsInterval || line.Other == PassLine.Peers) && line.Comparison != Comparison.AtMost
            ? $"'{PassLine.Peers}' and '{PassLine.Interval}' require <=: use <= or name a policy to compare with"
            : null;
    }

    private static bool IsName(string word) =>
        char.IsAsciiLetter(word[0]) && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');

    private static bool TryMetric(
        string word, [NotNullWhen(true)] out Metric? metric, out string? guest, [NotNullWhen(false)] out string? error)
    {
        int at = word.IndexOf('@', StringComparison.Ordinal);
        guest = at < 0 ? null : word[(at + 1)..];
        if (!MetricCatalog.TryGet(at < 0 ? word : word[..at], out metric, out error)) return false;
        if (guest is null) return true;
        error = guest.Length == 0 ? $"'{word}' has no guest name after the @"
            : !metric.AppliesToGuests ? $"'{metric.Name}' applies only to the whole host: remove @{guest}"
            : null;
        return error is null;
    }

    private static bool TryBound(
        List<string> words, Metric metric, out double bound, out string? other, [NotNullWhen(false)] out string? error)
    {
        (bound, other) = (1, null);
        switch (words)
        {
            case [var factor, "*", var policy] when Quantity.Number(factor) is { } number:
                bound = number;
                return TryOther(policy, out other, out error);
            case [var policy] when IsName(policy):
                return TryOther(policy, out other, out error);
            default:
                return Quantity.TryParse(string.Concat(words), metric.Unit, out bound, out error);
        }
    }

    private static bool TryOther(string policy, out string? other, [NotNullWhen(false)] out string? error)
    {
        (other, error) = (policy, null);
        return policy == PassLine.Peers || PolicyCatalog.TryGet(policy, out _, out error);
    }
}

/// <summary>Numbers with the unit of a metric.</summary>
internal static class Quantity
{
    /// <summary>A plain number; null for anything else.</summary>
    public static double? Number(string text) =>
        double.TryParse(
            text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out double number)
        && double.IsFinite(number) ? number : null;

    /// <summary>Reads an amount; a plain number is in the unit itself.</summary>
    public static bool TryParse(string text, MetricUnit unit, out double amount, [NotNullWhen(false)] out string? error)
    {
        double? read = Number(text) ?? unit switch
        {
            MetricUnit.Seconds => DurationText.Read(text, out TimeSpan duration) is null ? duration.TotalSeconds : null,
            MetricUnit.MiB => SizeText.TryParse(text, out KiB size, out _) ? size.Value / 1024.0 : null,
            MetricUnit.Ratio => Percent(text),
            _ => null,
        };
        amount = read ?? 0;
        error = read is null ? $"invalid amount '{text}': expected {Form(unit)}" : null;
        return read is not null;
    }

    private static double? Percent(string text) => text.EndsWith('%') ? Number(text[..^1]) / 100 : null;

    private static string Form(MetricUnit unit) => unit switch
    {
        MetricUnit.Seconds => "seconds (10, 10s, 2m), a policy, or FACTOR * POLICY",
        MetricUnit.MiB => "MiB or a size (180, 180MiB, 2g), a policy, or FACTOR * POLICY",
        MetricUnit.Ratio => "a factor (1.05, 5%), a policy, or FACTOR * POLICY",
        _ => "a number, a policy, or FACTOR * POLICY",
    };
}
