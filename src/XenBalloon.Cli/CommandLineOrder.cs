namespace XenBalloon.Cli;

/// <summary>
/// Rewrites a command line to the form that the parser accepts: options that come before the command are moved behind
/// it, and an unambiguous abbreviation of the command is replaced by its name.
/// </summary>
internal static class CommandLineOrder
{
    private const string SuggestDirective = "[suggest:", JsonFlag = "--json";

    /// <summary>Rewrites a command line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="commands">The names of all commands.</param>
    internal static string[] Rewrite(string[] arguments, IReadOnlyCollection<string> commands)
    {
        // Completion: the words before the cursor come as one argument, with the cursor at its end. After a flag, the
        // parser would complete a value of the flag.
        if (arguments is [var directive, var line] && directive.StartsWith(SuggestDirective, StringComparison.Ordinal))
        {
            string[] words = [.. line.Split(' ').Where(word => word != JsonFlag)];
            string rewritten = string.Join(' ', RewriteWords(words, commands));
            return [$"{SuggestDirective}{rewritten.Length}]", rewritten];
        }

        return RewriteWords(arguments, commands);
    }

    /// <summary>The commands that a word may mean: the command of that name, or all that begin with it.</summary>
    internal static string[] Candidates(string word, IReadOnlyCollection<string> commands)
    {
        if (commands.Contains(word)) return [word];
        return [.. commands.Where(name => name.StartsWith(word, StringComparison.Ordinal))];
    }

    private static string[] RewriteWords(string[] words, IReadOnlyCollection<string> commands)
    {
        int command = 0;
        while (command < words.Length && WordsOfOption(words[command]) is > 0 and var count) command += count;
        if (command >= words.Length || words[command] is [] or ['-', ..]) return words;
        string name = Candidates(words[command], commands) is [var only] ? only : words[command];
        return [name, .. words[..command], .. words[(command + 1)..]];
    }

    /// <summary>How many words an option takes that may precede the command; 0 for any other word.</summary>
    private static int WordsOfOption(string word) => word switch
    {
        "-H" or "--host" => 2,
        JsonFlag => 1,
        _ => word.StartsWith("--host=", StringComparison.Ordinal) ? 1 : 0,
    };
}
