using System.Buffers;
using System.Globalization;
using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>Times as people write them: a number and its unit, such as <c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>24h</c>.</summary>
public static class DurationText
{
    // A suffix that ends another comes after it.
    private static readonly (string Suffix, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    // A year: whatever is longer is a slip.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The time, exact to 100 ns.</param>
    /// <returns>What is wrong with the text and what to write instead; null where it is a time.</returns>
    public static string? Read(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        int digits = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        if (digits < 0) digits = text.Length;
        long ticks = Units.FirstOrDefault(unit => unit.Suffix.AsSpan().Equals(text.AsSpan(digits), StringComparison.OrdinalIgnoreCase)).Ticks;
        bool isNumber = decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count);
        if (isNumber && digits == text.Length) return $"'{text}' has no unit: write {text}s for seconds, {text}m for minutes or {text}h for hours";
        if (!isNumber || ticks == 0) return $"{Nearest.Quote(text)} is no time: write a number and a unit, such as 500ms, 5s, 2m or 24h";
        if (count > Longest.Ticks / ticks) return $"{Nearest.Quote(text)} is too long: write no more than {Write(Longest)}";
        duration = new TimeSpan((long)(count * ticks));
        return null;
    }

    /// <summary>Writes a time in the greatest unit of which it is a whole number, else in seconds.</summary>
    public static string Write(TimeSpan duration)
    {
        foreach ((string suffix, long ticks) in Units.Reverse())
        {
            if (duration.Ticks % ticks == 0 && duration != TimeSpan.Zero) return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks}{suffix}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)duration.Ticks / TimeSpan.TicksPerSecond:0.#######}s");
    }
}
