using System.Collections.Immutable;
using System.Text;

namespace XenBalloon.Core.Settings;

/// <summary>
/// The texts of enumerated values outside the program: on the bus, in the configuration, in JSON and on the command
/// line. A text is its member's name in lower case with dashes, so <c>MinimumsExceedHost</c> is
/// <c>minimums-exceed-host</c>. Texts are part of the interface: they never change, and readers must accept new ones.
/// </summary>
public static class EnumText
{
    /// <summary>The text of a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of its enumeration.</exception>
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        foreach ((T known, string text) in Table<T>.Entries.AsSpan())
        {
            if (EqualityComparer<T>.Default.Equals(known, value)) return text;
        }

        throw new ArgumentOutOfRangeException(nameof(value), value, "not a member of its enumeration");
    }

    /// <summary>The text of a value; <c>none</c> for null.</summary>
    public static string Of<T>(T? value)
        where T : struct, Enum => value is { } known ? Of(known) : "none";

    /// <summary>Parses a text; null if it is the text of no value.</summary>
    public static T? Parse<T>(string text)
        where T : struct, Enum
    {
        foreach ((T value, string known) in Table<T>.Entries.AsSpan())
        {
            if (known == text) return value;
        }

        return null;
    }

    /// <summary>All texts of an enumeration, in the order of its members.</summary>
    public static ImmutableArray<string> All<T>()
        where T : struct, Enum => [.. Table<T>.Entries.Select(entry => entry.Text)];

    /// <summary>
    /// All texts of an enumeration as a list, for an error or a help text: <c>observe, active or paused</c>.
    /// </summary>
    public static string List<T>()
        where T : struct, Enum => List(All<T>());

    /// <summary>Texts as a list, for an error or a help text: <c>observe, active or paused</c>.</summary>
    public static string List(ImmutableArray<string> texts) => texts switch
    {
        [] => "",
        [var only] => only,
        [.. var first, var last] => $"{string.Join(", ", first)} or {last}",
    };

    /// <summary>Parses <c>yes</c>, <c>true</c>, <c>on</c> or an opposite, in any case; null for other text.</summary>
    public static bool? ParseYesNo(string text) => text.ToLowerInvariant() switch
    {
        "yes" or "true" or "on" => true,
        "no" or "false" or "off" => false,
        _ => null,
    };

    private static string Spell(string member)
    {
        if (member == "XenServer") return "xenserver"; // the product's name has no dash
        var text = new StringBuilder();
        foreach (char letter in member)
        {
            if (char.IsUpper(letter) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    private static class Table<T>
        where T : struct, Enum
    {
        internal static readonly ImmutableArray<(T Value, string Text)> Entries =
            [.. Enum.GetValues<T>().Select(value => (value, Spell(value.ToString())))];
    }
}
