namespace XenBalloon.Simulation.Files.Reading;

/// <summary>
/// Parts text into words and signs. Words end at blank space, at a sign and at <c>..</c>; what stands in quotes is one word whatever is in it.
/// </summary>
internal static class Tokenizer
{
    /// <summary>Between the two ends of a range.</summary>
    public const string To = "..";

    private const string Signs = ",+()*";

    /// <summary>Adds the words and signs of one line's text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where it begins.</param>
    /// <param name="tokens">Where to add them.</param>
    public static void AddTo(List<Token> tokens, string text, Place at)
    {
        int position = 0;
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
                continue;
            }

            Place start = at with { Column = at.Column + position };
            int end = End(text, position);
            bool quoted = text[position] == '"';
            tokens.Add(quoted ? new Token(text[(position + 1)..end].TrimEnd('"'), start, Quoted: true) : new Token(text[position..end], start));
            position = end;
        }
    }

    // A quote that is not closed goes to the end of the line: whoever reads it complains of what it finds there.
    private static int End(string text, int start)
    {
        if (text[start] == '"') return text.IndexOf('"', start + 1) is var close and >= 0 ? close + 1 : text.Length;
        if (Signs.Contains(text[start], StringComparison.Ordinal)) return start + 1;
        if (IsRange(text, start)) return start + To.Length;
        int end = start + 1;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] != '"' && !Signs.Contains(text[end], StringComparison.Ordinal) && !IsRange(text, end)) end++;
        return end;
    }

    private static bool IsRange(string text, int position) => string.CompareOrdinal(text, position, To, 0, To.Length) == 0;
}
