using System.Buffers;
using System.Globalization;

namespace XenBalloon.Simulation.Scenarios;

/// <summary>Times as text: a number and a unit, such as <c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>24h</c>.</summary>
public static class DurationText
{
    private static readonly (string Suffix, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    // A longer scenario is a typing error.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Parses a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The time, exact to 100 ns.</param>
    /// <returns>The error, with the expected form; null on success.</returns>
    public static string? Read(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        int digits = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        if (digits < 0) digits = text.Length;
        long ticks = Units.FirstOrDefault(unit => unit.Suffix.AsSpan().Equals(
            text.AsSpan(digits), StringComparison.OrdinalIgnoreCase)).Ticks;
        bool isNumber = decimal.TryParse(
            text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count);
        if (isNumber && digits == text.Length)
            return $"'{text}' has no unit: write {text}s for seconds, {text}m for minutes or {text}h for hours";
        string quote = ErrorText.Quote(text);
        if (!isNumber || ticks == 0)
            return $"invalid time {quote}: write a number and a unit, such as 500ms, 5s, 2m or 24h";
        if (count > Longest.Ticks / ticks) return $"time {quote} is too long: write at most {Write(Longest)}";
        duration = new TimeSpan((long)(count * ticks));
        return null;
    }

    /// <summary>Formats a time in the largest unit that gives a whole number, else in seconds.</summary>
    public static string Write(TimeSpan duration)
    {
        foreach ((string suffix, long ticks) in Units.Reverse())
        {
            if (duration.Ticks % ticks == 0 && duration != TimeSpan.Zero)
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks}{suffix}");
        }

        decimal seconds = (decimal)duration.Ticks / TimeSpan.TicksPerSecond;
        return string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#######}s");
    }
}
