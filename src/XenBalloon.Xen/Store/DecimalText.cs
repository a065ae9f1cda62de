using System.Globalization;
using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Store;

/// <summary>Numbers as xenstore holds them: decimal digits, KiB for sizes. Whoever wrote them, they are read as if a stranger had.</summary>
internal static class DecimalText
{
    /// <summary>More digits than any machine's memory has, and few enough that no sum of such sizes overflows.</summary>
    private const int MostDigits = 15;

    /// <summary>Reads 1 to 15 ASCII digits and nothing else; null for anything else, and for a missing value.</summary>
    public static KiB? ToSize(ReadOnlySpan<char> text) => ToNumber(text) is { } size ? new KiB(size) : null;

    /// <summary>Reads 1 to 15 ASCII digits and nothing else; null for anything else, and for a missing value.</summary>
    public static long? ToNumber(ReadOnlySpan<char> text) =>
        text.Length is 0 or > MostDigits || text.ContainsAnyExceptInRange('0', '9') ? null : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Writes a size.</summary>
    public static string FromSize(KiB size) => size.Value.ToString(CultureInfo.InvariantCulture);
}
