using System.Globalization;

namespace XenBalloon.Bus.Definitions;

/// <summary>A value of one of D-Bus's basic types; compared by value, so that a change can be told from a repetition.</summary>
/// <param name="Type">The D-Bus type: <c>s</c>, <c>o</c>, <c>b</c>, <c>u</c> or <c>t</c>.</param>
/// <param name="Number">The value of a number, or 1 for true.</param>
/// <param name="Text">The value of a string or object path.</param>
internal readonly record struct BusValue(char Type, ulong Number, string? Text = null)
{
    internal const char String = 's';
    internal const char Path = 'o';
    internal const char Boolean = 'b';
    internal const char UInt32 = 'u';
    internal const char UInt64 = 't';

    internal static BusValue ObjectPath(string path) => new(Path, 0, path);

    /// <summary>The value as a string; empty for numbers.</summary>
    internal string AsText() => Text ?? "";

    /// <inheritdoc/>
    public override string ToString() => Text ?? Number.ToString(CultureInfo.InvariantCulture);

    public static implicit operator BusValue(string text) => new(String, 0, text);

    public static implicit operator BusValue(bool value) => new(Boolean, value ? 1ul : 0);

    public static implicit operator BusValue(uint number) => new(UInt32, number);

    public static implicit operator BusValue(ulong number) => new(UInt64, number);
}
