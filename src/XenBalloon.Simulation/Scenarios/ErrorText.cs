namespace XenBalloon.Simulation.Scenarios;

/// <summary>Quotes words from files in error messages and suggests corrections.</summary>
internal static class ErrorText
{
    private const int LongestWord = 40;

    /// <summary>A word in quotes, shortened if it is long.</summary>
    public static string Quote(string word) => word.Length <= LongestWord ? $"'{word}'" : $"'{word[..LongestWord]}…'";

    /// <summary>The end of an error about an unknown word: the most similar known word, else all known words.</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        string[] words = [.. known];
        return MostSimilar(word, words) is { } similar
            ? $"did you mean '{similar}'?" : $"use one of {string.Join(", ", words)}";
    }

    /// <summary>The known word of which an unknown word is likely a misspelling; null for none.</summary>
    public static string? MostSimilar(string word, IEnumerable<string> known) => word.Length > LongestWord
        ? null
        : known.Select(candidate => (Candidate: candidate, Edits: Edits(word.ToLowerInvariant(), candidate)))
            .Where(pair => pair.Edits <= Math.Max(1, Math.Min(word.Length, pair.Candidate.Length) / 3))
            .OrderBy(pair => pair.Edits)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();

    // The optimal string alignment distance: letters to insert, delete, replace or swap with their neighbours.
    private static int Edits(string from, string to)
    {
        int[,] edits = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++) edits[i, 0] = i;
        for (int j = 0; j <= to.Length; j++) edits[0, j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = edits[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, 1 + Math.Min(edits[i - 1, j], edits[i, j - 1]));
                bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                if (swapped) edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[from.Length, to.Length];
    }
}
