using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>Parsers of simple values.</summary>
internal static class SimpleValues
{
    private const string PerSecond = "/s";

    private const int LongestText = 200;

    // A pebibyte: sums of thousands of such sizes do not overflow.
    private const long LargestGiB = 1L << 20;

    /// <summary>A line of text.</summary>
    public static string Text(ValueReader value)
    {
        value.TakeAll();
        if (value.Text.Length > LongestText)
            value.Fail($"text of {value.Text.Length} characters is too long: write at most {LongestText}");
        else if (value.Text.Any(char.IsControl))
            value.Fail("text contains control characters: write plain text");
        return value.Text;
    }

    /// <summary>An amount of memory: <c>512m</c>.</summary>
    public static KiB Size(ValueReader value) => Size(value, "a size, such as 512m", "");

    /// <summary>Memory per second: <c>40k/s</c>.</summary>
    public static KiB Rate(ValueReader value) => Size(value, "a rate, such as 40k/s", PerSecond);

    /// <summary>A time: <c>500ms</c>.</summary>
    public static TimeSpan Time(ValueReader value)
    {
        Token token = value.Take("a time, such as 30s");
        if (DurationText.Read(token.Text, out TimeSpan duration) is { } error) value.Fail(token, error);
        return duration;
    }

    /// <summary>A time of more than zero.</summary>
    public static TimeSpan Period(ValueReader value)
    {
        TimeSpan duration = Time(value);
        if (duration == TimeSpan.Zero) value.FailAtLast("invalid time of zero: write a longer one");
        return duration;
    }

    /// <summary>A seed: any whole number.</summary>
    public static ulong Seed(ValueReader value)
    {
        Token token = value.Take("a whole number");
        if (!ulong.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
            value.Fail(token, $"invalid number {ErrorText.Quote(token.Text)}: write a whole number");
        return seed;
    }

    /// <summary>A whole number within bounds.</summary>
    public static ValueParser<int> Whole(int lowest, int highest) => value =>
    {
        Token token = value.Take("a whole number");
        bool isNumber = int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (isNumber && number >= lowest && number <= highest) return number;
        value.Fail(
            token, $"invalid number {ErrorText.Quote(token.Text)}: write a whole number from {lowest} to {highest}");
        return lowest;
    };

    /// <summary>A number within bounds.</summary>
    public static ValueParser<double> Number(double lowest, double highest) => value =>
    {
        Token token = value.Take("a number");
        bool isNumber = double.TryParse(
            token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
        if (isNumber && number >= lowest && number <= highest) return number;
        value.Fail(token, string.Create(
            CultureInfo.InvariantCulture,
            $"invalid number {ErrorText.Quote(token.Text)}: write a number from {lowest} to {highest}"));
        return lowest;
    };

    /// <summary>One of several keywords.</summary>
    public static ValueParser<T> Choice<T>(params (string Word, T Meaning)[] choices) => value =>
    {
        IEnumerable<string> words = choices.Select(choice => choice.Word);
        Token token = value.Take($"one of {string.Join(", ", words)}");
        foreach ((string word, T meaning) in choices)
        {
            if (token.Is(word)) return meaning;
        }

        value.Fail(token, $"unknown keyword {ErrorText.Quote(token.Text)}: {ErrorText.Hint(token.Text, words)}");
        return choices[0].Meaning;
    };

    private static KiB Size(ValueReader value, string expected, string unit)
    {
        Token token = value.Take(expected);
        string text = token.Text;
        if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
        {
            value.Fail(token, $"invalid rate {ErrorText.Quote(text)}: write a size per second, such as 40k/s");
            return KiB.Zero;
        }

        if (!SizeText.TryParse(text[..^unit.Length], out KiB size, out string? error))
            value.Fail(token, error);
        else if (size > KiB.FromMiB(LargestGiB * 1024))
            value.Fail(token, $"size {ErrorText.Quote(text)} is too large: write at most {LargestGiB}g");
        return size;
    }
}
