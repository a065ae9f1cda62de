namespace XenBalloon.Simulation.Files.Reading;

/// <summary>
/// Goes through the words of one value. The first thing that is wrong is kept and ends the value: from then on there are no more words, and what is
/// still asked for comes out as anything, so that whoever reads need not look for errors at each step.
/// </summary>
/// <param name="line">The key with its value.</param>
/// <param name="files">Where other files that the value names are.</param>
internal sealed class ValueReader(KeyLine line, IFileSource files)
{
    private int position;
    private int depth;

    /// <summary>What is wrong; null as long as nothing is.</summary>
    public string? Failure { get; private set; }

    /// <summary>Where that is.</summary>
    public Place FailedAt { get; private set; }

    /// <summary>The value as it was written, of a key whose value is text.</summary>
    public string Text => line.Text;

    /// <summary>Where other files that the value names are.</summary>
    public IFileSource Files => files;

    /// <summary>Whether all words are taken.</summary>
    public bool AtEnd => Failure is not null || position >= line.Tokens.Length;

    private Place Here => position < line.Tokens.Length ? line.Tokens[position].At : line.End;

    private Token? Coming => AtEnd ? null : line.Tokens[position];

    /// <summary>Takes the coming word.</summary>
    /// <param name="what">What should stand there, for the error where there is nothing.</param>
    public Token Take(string what)
    {
        if (Coming is { } token)
        {
            position++;
            return token;
        }

        Fail(Here, $"here should be {what}");
        return new Token("", Here);
    }

    /// <summary>Takes the coming word if it is this one.</summary>
    public bool TryTake(string word)
    {
        if (Coming is not { } token || !token.Is(word)) return false;
        position++;
        return true;
    }

    /// <summary>Whether the coming word is this one.</summary>
    public bool Sees(string word) => Coming is { } token && token.Is(word);

    /// <summary>Takes a word that must come.</summary>
    public void Expect(string word)
    {
        if (TryTake(word)) return;
        Fail(Here, Coming is { } token ? $"here should be '{word}' and not {Nearest.Quote(token.Text)}" : $"here should be '{word}'");
    }

    /// <summary>Takes everything that is left, of a key whose value is text.</summary>
    public void TakeAll() => position = line.Tokens.Length;

    /// <summary>Says that a word is wrong; only the first error of a value counts.</summary>
    public void Fail(Token token, string message) => Fail(token.At, message);

    /// <summary>Says that the word that was taken last is wrong; only the first error of a value counts.</summary>
    public void FailAtLast(string message) => Fail(position == 0 ? line.ValueAt : line.Tokens[position - 1].At, message);

    /// <summary>Says that the value as a whole is wrong; only the first error of a value counts.</summary>
    public void Fail(string message) => Fail(line.ValueAt, message);

    /// <summary>Goes one level of parentheses deeper, but not without end.</summary>
    /// <param name="most">How deep it may go.</param>
    /// <returns>Whether it may; else it is an error.</returns>
    public bool Descend(int most)
    {
        if (++depth <= most) return true;
        Fail(Here, $"parentheses may be {most} deep");
        return false;
    }

    /// <summary>Comes back from <see cref="Descend"/>.</summary>
    public void Ascend() => depth--;

    /// <summary>Makes sure that all words are taken.</summary>
    public void End()
    {
        if (Coming is { } token) Fail(token.At, $"{Nearest.Quote(token.Text)} is one word too many");
    }

    private void Fail(Place at, string message)
    {
        if (Failure is not null) return;
        (Failure, FailedAt) = (message, at);
    }
}
