using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Judging.Metrics;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.PassLines;

/// <summary>Numbers with the units that a metric has.</summary>
internal static class Quantity
{
    /// <summary>A bare number; null for anything else.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number) ? number : null;

    /// <summary>Reads an amount of a unit; a bare number is in the unit itself.</summary>
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
        error = read is null ? $"'{text}' is no amount: write {Form(unit)}" : null;
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
