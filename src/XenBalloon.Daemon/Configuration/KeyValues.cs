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

    internal static bool? YesNo(ConfigurationKey key, List<string> errors) =>
        Choice(key, [("yes", true), ("true", true), ("on", true), ("no", false), ("false", false), ("off", false)], "is neither yes nor no", errors);

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

    internal static BalancerMode? Mode(ConfigurationKey key, List<string> errors) => Choice(
        key,
        [("observe", BalancerMode.Observe), ("active", BalancerMode.Active)],
        "is no mode: write active (balance) or observe (compute and show, write nothing)",
        errors);

    internal static LogLevel? Level(ConfigurationKey key, List<string> errors) => Choice(
        key,
        [("error", LogLevel.Error), ("warning", LogLevel.Warning), ("info", LogLevel.Information), ("debug", LogLevel.Debug)],
        "is no level: write error, warning, info or debug",
        errors);

    internal static PolicyKind? Policy(ConfigurationKey key, List<string> errors) =>
        Choice(key, PolicyNames.All.AsSpan(), $"is no policy: write {string.Join(", ", PolicyNames.All.Select(known => known.Name))}", errors);

    internal static SpareUse? Spare(ConfigurationKey key, List<string> errors) =>
        Choice(key, [("keep", SpareUse.Keep), ("lend", SpareUse.Lend)], "is no use of spare memory: write keep or lend", errors);

    internal static OverrideHandling? Override(ConfigurationKey key, List<string> errors) => Choice(
        key,
        [("ignore", OverrideHandling.Ignore), ("pin", OverrideHandling.Pin), ("adopt", OverrideHandling.Adopt)],
        "is no way to take a target that somebody else set: write ignore, pin or adopt",
        errors);

    private static T? Choice<T>(ConfigurationKey key, ReadOnlySpan<(string Word, T Value)> words, string error, List<string> errors)
        where T : struct
    {
        foreach ((string word, T value) in words)
        {
            if (key.Value.Equals(word, StringComparison.OrdinalIgnoreCase)) return value;
        }

        errors.Add($"{key}: '{key.Value}' {error}");
        return null;
    }

    private static string Text(TimeSpan time) => time.TotalSeconds < 1 ? Text(time.TotalMilliseconds, "ms")
        : time.TotalHours < 1 ? Text(time.TotalSeconds, "s")
        : Text(time.TotalHours, "h");

    private static string Text(double count, string unit) => count.ToString(CultureInfo.InvariantCulture) + unit;
}
