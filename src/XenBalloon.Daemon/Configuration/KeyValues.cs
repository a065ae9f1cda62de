using System.Globalization;
using Microsoft.Extensions.Logging;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>Reads the values of keys. Each method returns null where the value is bad, and says in the errors what is wrong and what to write.</summary>
internal static class KeyValues
{
    private static readonly (string Suffix, TimeSpan Unit)[] DurationUnits =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1))];

    internal static KiB? Size(ConfigurationKey key, List<string> errors)
    {
        if (SizeText.TryParse(key.Value, out KiB size, out string? error)) return size;
        errors.Add($"{key}: {error}");
        return null;
    }

    internal static double? Fraction(ConfigurationKey key, double below, List<string> errors)
    {
        if (double.TryParse(key.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double fraction) && fraction >= 0 && fraction < below) return fraction;
        errors.Add(string.Create(CultureInfo.InvariantCulture, $"{key}: '{key.Value}' is not in range: write a number from 0 to below {below}, such as 0.25"));
        return null;
    }

    internal static int? Whole(ConfigurationKey key, int lowest, int highest, List<string> errors)
    {
        if (int.TryParse(key.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest) return number;
        errors.Add($"{key}: '{key.Value}' is not in range: write a whole number from {lowest} to {highest}");
        return null;
    }

    internal static bool? YesNo(ConfigurationKey key, List<string> errors)
    {
        switch (key.Value.ToUpperInvariant())
        {
            case "YES" or "TRUE" or "ON": return true;
            case "NO" or "FALSE" or "OFF": return false;
            default:
                errors.Add($"{key}: '{key.Value}' is neither yes nor no");
                return null;
        }
    }

    internal static TimeSpan? Duration(ConfigurationKey key, TimeSpan lowest, TimeSpan highest, List<string> errors)
    {
        foreach ((string suffix, TimeSpan unit) in DurationUnits)
        {
            if (!key.Value.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            string number = key.Value[..^suffix.Length].Trim();
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count) || count is not (>= 0 and <= 1e6)) continue;
            TimeSpan duration = unit * count;
            if (duration >= lowest && duration <= highest) return duration;
        }

        errors.Add($"{key}: '{key.Value}' is not in range: write a time from {Text(lowest)} to {Text(highest)} with its unit, such as 500ms, 5s or 2m");
        return null;
    }

    internal static BalancerMode? Mode(ConfigurationKey key, List<string> errors)
    {
        switch (key.Value.ToUpperInvariant())
        {
            case "OBSERVE": return BalancerMode.Observe;
            case "ACTIVE": return BalancerMode.Active;
            default:
                errors.Add($"{key}: '{key.Value}' is no mode: write active (balance) or observe (compute and show, write nothing)");
                return null;
        }
    }

    internal static LogLevel? Level(ConfigurationKey key, List<string> errors)
    {
        switch (key.Value.ToUpperInvariant())
        {
            case "ERROR": return LogLevel.Error;
            case "WARNING": return LogLevel.Warning;
            case "INFO": return LogLevel.Information;
            case "DEBUG": return LogLevel.Debug;
            default:
                errors.Add($"{key}: '{key.Value}' is no level: write error, warning, info or debug");
                return null;
        }
    }

    private static string Text(TimeSpan time) => time.TotalSeconds < 1 ? Text(time.TotalMilliseconds, "ms")
        : time.TotalHours < 1 ? Text(time.TotalSeconds, "s")
        : Text(time.TotalHours, "h");

    private static string Text(double count, string unit) => count.ToString(CultureInfo.InvariantCulture) + unit;
}
