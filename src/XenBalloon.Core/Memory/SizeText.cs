using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace XenBalloon.Core.Memory;

/// <summary>
/// Sizes in the configuration and on the command line: a number and one of xl's suffixes (b k m g
/// t, any case), also as <c>MB</c> or <c>MiB</c>. A bare number is refused, because xl's own commands disagree on its
/// unit.
/// </summary>
public static class SizeText
{
    private const string Units = "bkmgt";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Parses a size.</summary>
    /// <param name="text">For example <c>512m</c>, <c>1.5g</c>, <c>64 MiB</c>.</param>
    /// <param name="size">The size, rounded down to KiB.</param>
    /// <param name="error">What is wrong with the text and what to write instead; null if it is valid.</param>
    /// <returns>Whether the text is a size.</returns>
    public static bool TryParse(string text, out KiB size, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        size = KiB.Zero;
        string trimmed = text.Trim();
        int digits = trimmed.AsSpan().IndexOfAnyExcept(NumberCharacters);
        if (digits < 0 && TryParseNumber(trimmed, out _))
        {
            error = $"'{text}' has no unit: write {trimmed}m for MiB, {trimmed}g for GiB or {trimmed}k for KiB";
            return false;
        }

        if (digits <= 0
            || !TryParseNumber(trimmed.AsSpan(0, digits), out decimal number)
            || UnitBytes(trimmed.AsSpan(digits).Trim()) is not { } bytes)
        {
            error = $"'{text}' is not a size: write a number and a unit, such as 512m or 1.5g (b, k, m, g, t)";
            return false;
        }

        if (number > KiB.Largest.Value * 1024m / bytes)
        {
            error = $"'{text}' is more memory than any machine has";
            return false;
        }

        size = new KiB((long)(number * bytes / 1024));
        error = null;
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static decimal? UnitBytes(ReadOnlySpan<char> suffix)
    {
        Span<char> lower = stackalloc char[4];
        if (suffix.Length is 0 or > 3) return null;
        int length = suffix.ToLowerInvariant(lower);
        int power = Units.IndexOf(lower[0], StringComparison.Ordinal);
        bool spelled = lower[1..length] is "" or "b" or "ib";
        if (power < 0 || !spelled || (power == 0 && length > 1)) return null;
        decimal bytes = 1;
        for (int i = 0; i < power; i++) bytes *= 1024;
        return bytes;
    }
}
