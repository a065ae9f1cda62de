using System.Diagnostics.CodeAnalysis;
using XenBalloon.Simulation.Judging.Metrics;

namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>Reads the one-line form of a <see cref="PassLine"/>.</summary>
internal static class PassLineParser
{
    private const string Form = "write [POLICY] METRIC[@GUEST] COMPARISON BOUND, such as 'fair-share slowdown.p99 <= 1.05'";

    /// <summary>Reads a line.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PassLine? line, [NotNullWhen(false)] out string? error)
    {
        line = null;
        List<string> words = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
        int sign = words.FindIndex(word => Comparisons.Parse(word) is not null);
        if (sign is not (1 or 2) || words.Count == sign + 1)
        {
            error = sign < 0 && words.Count > 2 ? $"'{text.Trim()}' compares nothing: use one of {Comparisons.Known}" : $"'{text.Trim()}' is no pass line: {Form}";
            return false;
        }

        if (!TryMetric(words[sign - 1], out Metric? metric, out string? guest, out error)
            || !TryBound(words[(sign + 1)..], metric, out double bound, out string? other, out error)) return false;
        line = new PassLine
        {
            Policy = sign == 2 ? words[0] : PassLine.DefaultPolicy,
            Metric = metric,
            Guest = guest,
            Comparison = Comparisons.Parse(words[sign])!.Value,
            Bound = bound,
            Other = other,
        };
        return true;
    }

    private static bool IsName(string word) => char.IsAsciiLetter(word[0]) && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');

    private static bool TryMetric(string word, [NotNullWhen(true)] out Metric? metric, out string? guest, [NotNullWhen(false)] out string? error)
    {
        int at = word.IndexOf('@', StringComparison.Ordinal);
        guest = at < 0 ? null : word[(at + 1)..];
        if (!AllMetrics.TryGet(at < 0 ? word : word[..at], out metric, out error)) return false;
        if (guest is null) return true;
        error = guest.Length == 0 ? $"'{word}' names no guest after the @"
            : !metric.IsKnownOfGuests ? $"'{metric.Name}' is known of the whole host only: leave @{guest} out"
            : null;
        return error is null;
    }

    private static bool TryBound(List<string> words, Metric metric, out double bound, out string? other, [NotNullWhen(false)] out string? error)
    {
        (bound, other, error) = (1, null, null);
        switch (words)
        {
            case [var factor, "*", var policy] when Quantity.Number(factor) is { } number:
                (bound, other) = (number, policy);
                return true;
            case [var policy] when IsName(policy):
                other = policy;
                return true;
            default:
                return Quantity.TryParse(string.Concat(words), metric.Unit, out bound, out error);
        }
    }
}
