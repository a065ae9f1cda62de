using System.Globalization;
using XenBalloon.Core.Memory;

namespace XenBalloon.Xen.Store;

/// <summary>
/// Numbers as xenstore holds them: decimal digits, KiB for sizes. Nothing is trusted, whatever program wrote them.
/// </summary>
internal static class DecimalText
{
    /// <summary>More than the memory of any host, and too few for sums of such sizes to overflow.</summary>
    private const int MostDigits = 15;

    /// <summary>Parses 1 to 15 ASCII digits; null for any other text.</summary>
    public static KiB? ToSize(ReadOnlySpan<char> text) => ToNumber(text) is { } size ? new KiB(size) : null;

    /// <summary>Parses 1 to 15 ASCII digits; null for any other text.</summary>
    public static long? ToNumber(ReadOnlySpan<char> text) =>
        text.Length is 0 or > MostDigits || text.ContainsAnyExceptInRange('0', '9')
            ? null
            : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Formats a size.</summary>
    public static string FromSize(KiB size) => size.Value.ToString(CultureInfo.InvariantCulture);
}
