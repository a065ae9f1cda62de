using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Reads the tokens of one value. The first error ends the value: after it there are no more tokens and all results
/// are arbitrary, so that a parser need not check for errors at each step.
/// </summary>
/// <param name="line">The key with its value.</param>
/// <param name="files">The recordings that the value can name.</param>
internal sealed class ValueReader(KeyValue line, TraceFiles files)
{
    private int position;
    private int depth;

    /// <summary>The first error; null for none.</summary>
    public string? Failure { get; private set; }

    /// <summary>The position of <see cref="Failure"/>.</summary>
    public Position FailedAt { get; private set; }

    /// <summary>The value as text, for keys that do not split it into tokens.</summary>
    public string Text => line.Text;

    /// <summary>The recordings that the value can name.</summary>
    public TraceFiles Files => files;

    /// <summary>Whether all tokens have been read.</summary>
    public bool AtEnd => Failure is not null || position >= line.Tokens.Length;

    private Position Here => position < line.Tokens.Length ? line.Tokens[position].At : line.End;

    private Token? Next => AtEnd ? null : line.Tokens[position];

    /// <summary>Reads the next token.</summary>
    /// <param name="expected">What the error says that was expected, if there is no token.</param>
    public Token Take(string expected)
    {
        if (Next is { } token)
        {
            position++;
            return token;
        }

        Fail(Here, $"expected {expected}");
        return new Token("", Here);
    }

    /// <summary>Reads the next token if it is this one.</summary>
    public bool TryTake(string word)
    {
        if (Next is not { } token || !token.Is(word)) return false;
        position++;
        return true;
    }

    /// <summary>Reads a required token.</summary>
    public void Expect(string word)
    {
        if (TryTake(word)) return;
        string found = Next is { } token ? $", found {ErrorText.Quote(token.Text)}" : "";
        Fail(Here, $"expected '{word}'{found}");
    }

    /// <summary>Skips all tokens, for keys whose value is text.</summary>
    public void TakeAll() => position = line.Tokens.Length;

    /// <summary>Adds an error about a token.</summary>
    public void Fail(Token token, string message) => Fail(token.At, message);

    /// <summary>Adds an error about the token that was read last.</summary>
    public void FailAtLast(string message) =>
        Fail(position == 0 ? line.ValueAt : line.Tokens[position - 1].At, message);

    /// <summary>Adds an error about the whole value.</summary>
    public void Fail(string message) => Fail(line.ValueAt, message);

    /// <summary>Enters a level of parentheses.</summary>
    /// <param name="most">The maximum number of levels.</param>
    /// <returns>Whether the level is allowed; otherwise it is an error.</returns>
    public bool Descend(int most)
    {
        if (++depth <= most) return true;
        Fail(Here, $"parentheses nested too deeply: use at most {most} levels");
        return false;
    }

    /// <summary>Leaves a level of parentheses.</summary>
    public void Ascend() => depth--;

    /// <summary>Checks that all tokens have been read.</summary>
    public void End()
    {
        if (Next is { } token) Fail(token.At, $"unexpected {ErrorText.Quote(token.Text)} after the value");
    }

    private void Fail(Position at, string message)
    {
        if (Failure is not null) return;
        (Failure, FailedAt) = (message, at);
    }
}
