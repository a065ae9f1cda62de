namespace XenBalloon.Simulation.Files;

/// <summary>A position in a file.</summary>
/// <param name="Line">The line, from 1; 0 for the whole file.</param>
/// <param name="Column">The column in characters, from 1; 0 for the whole line.</param>
internal readonly record struct Position(int Line, int Column)
{
    /// <summary>The whole file.</summary>
    public static Position WholeFile => default;
}

/// <summary>A word or a sign of a value.</summary>
/// <param name="Text">The text, without quotes.</param>
/// <param name="At">The position.</param>
/// <param name="Quoted">Whether it was in quotes: then it is a name and never a keyword.</param>
internal readonly record struct Token(string Text, Position At, bool Quoted = false)
{
    /// <summary>Whether it is this keyword, in upper or lower case, or this sign.</summary>
    public bool Is(string word) => !Quoted && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// Splits text into words and signs. A word ends at blank space, at a sign and at <c>..</c>. Quoted text is one word.
/// </summary>
internal static class Tokenizer
{
    /// <summary>The sign between the ends of a range.</summary>
    public const string To = "..";

    private const string Signs = ",+()*";

    /// <summary>Adds the words and signs of a line.</summary>
    /// <param name="tokens">The list to add to.</param>
    /// <param name="text">The line's text.</param>
    /// <param name="at">The position of the text.</param>
    public static void AddTo(List<Token> tokens, string text, Position at)
    {
        int position = 0;
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
                continue;
            }

            Position start = at with { Column = at.Column + position };
            int end = End(text, position);
            bool quoted = text[position] == '"';
            tokens.Add(quoted
                ? new Token(text[(position + 1)..end].TrimEnd('"'), start, Quoted: true)
                : new Token(text[position..end], start));
            position = end;
        }
    }

    // An unclosed quote extends to the end of the line; the parser reports what it finds there.
    private static int End(string text, int start)
    {
        if (text[start] == '"') return text.IndexOf('"', start + 1) is var close and >= 0 ? close + 1 : text.Length;
        if (IsSign(text[start])) return start + 1;
        if (IsRange(text, start)) return start + To.Length;
        int end = start + 1;
        while (end < text.Length && !EndsWord(text, end)) end++;
        return end;
    }

    private static bool EndsWord(string text, int position) =>
        char.IsWhiteSpace(text[position]) || text[position] == '"' || IsSign(text[position]) || IsRange(text, position);

    private static bool IsSign(char letter) => Signs.Contains(letter, StringComparison.Ordinal);

    private static bool IsRange(string text, int position) =>
        string.CompareOrdinal(text, position, To, 0, To.Length) == 0;
}
