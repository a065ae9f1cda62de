using System.Globalization;
using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>
/// The title of a guest's section: <c>guest web1</c>, <c>guest "any name"</c>, or <c>guest vm*20</c> for many alike, which are called vm1 to vm20.
/// </summary>
internal static class GuestTitle
{
    /// <summary>The title's first word.</summary>
    public const string Word = "guest";

    private const int LongestName = 80;

    private const int MostAlike = 1000;

    private const string PlainSigns = "-_";

    /// <summary>Reads a title.</summary>
    /// <param name="section">The section.</param>
    /// <param name="errors">Where to say what is wrong.</param>
    /// <returns>The names of the guests; none where the title is wrong.</returns>
    public static IReadOnlyList<string> Read(Section section, FileErrors errors)
    {
        var tokens = new List<Token>();
        Tokenizer.AddTo(tokens, section.Title, section.At with { Column = section.At.Column + 1 });
        string? flaw = Names(tokens, out IReadOnlyList<string> names);
        if (flaw is not null) errors.Add(section.At, flaw);
        return names;
    }

    /// <summary>The title of one guest's section.</summary>
    public static string Write(string name) =>
        name.All(letter => char.IsAsciiLetterOrDigit(letter) || PlainSigns.Contains(letter, StringComparison.Ordinal)) ? $"{Word} {name}" : $"{Word} \"{name}\"";

    /// <summary>What is wrong with a guest's name; null where nothing is.</summary>
    public static string? Flaw(string name)
    {
        if (name.Length == 0) return "a guest needs a name";
        if (name.Length > LongestName) return $"{Nearest.Quote(name)} is too long for a name: write no more than {LongestName} characters";
        return name.Any(letter => letter == '"' || char.IsControl(letter)) ? $"{Nearest.Quote(name)} has signs in it that no name can have" : null;
    }

    private static string? Names(List<Token> tokens, out IReadOnlyList<string> names)
    {
        names = [];
        switch (tokens.Count)
        {
            case 2 when Flaw(tokens[1].Text) is { } flaw:
                return flaw;
            case 2:
                names = [tokens[1].Text];
                return null;
            case 4 when tokens[2].Is("*") && Flaw(tokens[1].Text) is { } flaw:
                return flaw;
            case 4 when tokens[2].Is("*"):
                if (!int.TryParse(tokens[3].Text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MostAlike)
                {
                    return $"{Nearest.Quote(tokens[3].Text)} is not in range: write a whole number from 1 to {MostAlike}";
                }

                names = [.. Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{tokens[1].Text}{number}"))];
                return null;
            default:
                return "a guest's title is [guest NAME], [guest \"ANY NAME\"] or [guest NAME*COUNT]";
        }
    }
}
