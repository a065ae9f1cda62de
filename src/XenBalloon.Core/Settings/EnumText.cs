using System.Collections.Immutable;
using System.Text;

namespace XenBalloon.Core.Settings;

/// <summary>
/// The words that stand for enumerated values outside of the program: on the bus, in the configuration, in JSON and on
/// the command line. A word is its member's name in lower case with dashes, so <c>MinimumsExceedHost</c> is
/// <c>minimums-exceed-host</c>. Words are part of the interface: none is ever changed, and readers must accept new
/// ones.
/// </summary>
public static class EnumText
{
    /// <summary>The word of a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of its enumeration.</exception>
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        foreach ((T known, string word) in Table<T>.Entries.AsSpan())
        {
            if (EqualityComparer<T>.Default.Equals(known, value)) return word;
        }

        throw new ArgumentOutOfRangeException(nameof(value), value, "not a member of its enumeration");
    }

    /// <summary>The word of a value; <c>none</c> where there is no value.</summary>
    public static string Of<T>(T? value)
        where T : struct, Enum => value is { } known ? Of(known) : "none";

    /// <summary>The value that a word stands for; null where it stands for none.</summary>
    public static T? Parse<T>(string word)
        where T : struct, Enum
    {
        foreach ((T value, string known) in Table<T>.Entries.AsSpan())
        {
            if (known == word) return value;
        }

        return null;
    }

    /// <summary>All words of an enumeration, in the order of its members.</summary>
    public static ImmutableArray<string> All<T>()
        where T : struct, Enum => [.. Table<T>.Entries.Select(entry => entry.Word)];

    /// <summary>All words of an enumeration, for an error or a help text: <c>observe, active or paused</c>.</summary>
    public static string List<T>()
        where T : struct, Enum => List(All<T>());

    /// <summary>Some words, for an error or a help text: <c>observe, active or paused</c>.</summary>
    public static string List(ImmutableArray<string> words) => words switch
    {
        [] => "",
        [var only] => only,
        [.. var first, var last] => $"{string.Join(", ", first)} or {last}",
    };

    /// <summary>What <c>yes</c>, <c>true</c>, <c>on</c> or an opposite means, in any case; null for others.</summary>
    public static bool? ParseYesNo(string word) => word.ToLowerInvariant() switch
    {
        "yes" or "true" or "on" => true,
        "no" or "false" or "off" => false,
        _ => null,
    };

    private static string Spell(string member)
    {
        if (member == "XenServer") return "xenserver"; // the product's name is one word
        var word = new StringBuilder();
        foreach (char letter in member)
        {
            if (char.IsUpper(letter) && word.Length > 0) word.Append('-');
            word.Append(char.ToLowerInvariant(letter));
        }

        return word.ToString();
    }

    private static class Table<T>
        where T : struct, Enum
    {
        internal static readonly ImmutableArray<(T Value, string Word)> Entries =
            [.. Enum.GetValues<T>().Select(value => (value, Spell(value.ToString())))];
    }
}
