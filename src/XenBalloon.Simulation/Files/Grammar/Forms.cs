using System.Globalization;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The simple kinds of values.</summary>
internal static class Forms
{
    private const string PerSecond = "/s";

    private const int LongestText = 200;

    // A pebibyte: sums of thousands of such sizes stay far from where numbers end.
    private static readonly KiB LargestSize = new(1L << 40);

    private static readonly (string Suffix, long KiB)[] SizeUnits = [("g", 1024 * 1024), ("m", 1024), ("k", 1)];

    /// <summary>A line of text.</summary>
    public static Form<string> Text { get; } = new(ReadText, text => text);

    /// <summary>An amount of memory: <c>512m</c>.</summary>
    public static Form<KiB> Size { get; } = new(value => ReadSize(value, "a size, such as 512m", ""), WriteSize);

    /// <summary>Memory in a second: <c>40k/s</c>.</summary>
    public static Form<KiB> Rate { get; } = new(value => ReadSize(value, "a rate, such as 40k/s", PerSecond), rate => WriteSize(rate) + PerSecond);

    /// <summary>A time: <c>500ms</c>.</summary>
    public static Form<TimeSpan> Time { get; } = new(ReadTime, DurationText.Write);

    /// <summary>A time that is more than none.</summary>
    public static Form<TimeSpan> Period { get; } = new(ReadPeriod, DurationText.Write);

    /// <summary>Any whole number, as a seed is one.</summary>
    public static Form<ulong> Seed { get; } = new(ReadSeed, seed => seed.ToString(CultureInfo.InvariantCulture));

    /// <summary>A whole number within bounds.</summary>
    public static Form<int> Whole(int lowest, int highest) => new(
        value =>
        {
            Token word = value.Take("a whole number");
            if (int.TryParse(word.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest) return number;
            value.Fail(word, $"{Nearest.Quote(word.Text)} is not in range: write a whole number from {lowest} to {highest}");
            return lowest;
        },
        number => number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number within bounds.</summary>
    public static Form<double> Number(double lowest, double highest) => new(
        value =>
        {
            Token word = value.Take("a number");
            if (double.TryParse(word.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= lowest && number <= highest) return number;
            value.Fail(word, string.Create(CultureInfo.InvariantCulture, $"{Nearest.Quote(word.Text)} is not in range: write a number from {lowest} to {highest}"));
            return lowest;
        },

        // A plus sign would part the word in two.
        number => number.ToString("R", CultureInfo.InvariantCulture).Replace("+", "", StringComparison.Ordinal));

    /// <summary>One of a few words.</summary>
    public static Form<T> Choice<T>(params (string Word, T Meaning)[] choices) => new(
        value =>
        {
            Token word = value.Take($"one of {string.Join(", ", choices.Select(choice => choice.Word))}");
            foreach ((string known, T meaning) in choices)
            {
                if (word.Is(known)) return meaning;
            }

            value.Fail(word, $"unknown word {Nearest.Quote(word.Text)}: {Nearest.Hint(word.Text, choices.Select(choice => choice.Word))}");
            return choices[0].Meaning;
        },
        thing => choices.First(choice => Equals(choice.Meaning, thing)).Word);

    private static string ReadText(ValueReader value)
    {
        value.TakeAll();
        if (value.Text.Length > LongestText) value.Fail($"this has {value.Text.Length} characters: write no more than {LongestText}");
        else if (value.Text.Any(char.IsControl)) value.Fail("this has control characters in it: write plain text");
        return value.Text;
    }

    private static KiB ReadSize(ValueReader value, string what, string unit)
    {
        Token word = value.Take(what);
        string text = word.Text;
        if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
        {
            value.Fail(word, $"{Nearest.Quote(text)} is no rate: write a size in a second, such as 40k/s");
            return KiB.Zero;
        }

        if (!SizeText.TryParse(text[..^unit.Length], out KiB size, out string? error)) value.Fail(word, error);
        else if (size > LargestSize) value.Fail(word, $"{Nearest.Quote(text)} is more memory than any machine has");
        return size;
    }

    private static string WriteSize(KiB size)
    {
        if (size == KiB.Zero) return "0m";
        (string suffix, long unit) = SizeUnits.First(candidate => size.Value % candidate.KiB == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{size.Value / unit}{suffix}");
    }

    private static TimeSpan ReadTime(ValueReader value)
    {
        Token word = value.Take("a time, such as 30s");
        if (DurationText.Read(word.Text, out TimeSpan duration) is { } error) value.Fail(word, error);
        return duration;
    }

    private static TimeSpan ReadPeriod(ValueReader value)
    {
        TimeSpan duration = ReadTime(value);
        if (duration == TimeSpan.Zero) value.FailAtLast("this is no time at all: write more than that");
        return duration;
    }

    private static ulong ReadSeed(ValueReader value)
    {
        Token word = value.Take("a whole number");
        if (!ulong.TryParse(word.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)) value.Fail(word, $"{Nearest.Quote(word.Text)} is no whole number");
        return seed;
    }
}
