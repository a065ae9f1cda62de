using System.Collections.Immutable;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>A section of a file.</summary>
/// <param name="Title">The text between the brackets.</param>
/// <param name="At">The position of the title.</param>
internal sealed record Section(string Title, Position At)
{
    /// <summary>The keys, in the order of the file.</summary>
    public List<KeyValue> Keys { get; } = [];

    /// <summary>The first line with this key; null for none.</summary>
    public KeyValue? Find(string key) => Keys.FirstOrDefault(line => line.Key.Is(key));
}

/// <summary>A key with its value, which can span several lines.</summary>
/// <param name="Key">The key.</param>
/// <param name="Text">The first line of the value, without surrounding blank space.</param>
/// <param name="ValueAt">The start of the value.</param>
/// <param name="Tokens">The words and signs of the value.</param>
/// <param name="End">The end of the value.</param>
internal sealed record KeyValue(
    Token Key, string Text, Position ValueAt, ImmutableArray<Token> Tokens, Position End);

/// <summary>
/// Splits a file into sections and keys: <c>[title]</c>, <c>key = value</c>, and lines that begin with <c>+</c> or
/// <c>,</c> and continue the value above. Lines that begin with <c>#</c> are comments.
/// </summary>
/// <param name="errors">Collects the errors.</param>
internal sealed class SectionParser(FileErrors errors)
{
    private readonly List<Section> sections = [];
    private readonly List<Token> tokens = [];
    private Token key;
    private (string Text, Position At) value;
    private Position end;

    /// <summary>Parses a whole file.</summary>
    public List<Section> Parse(string text)
    {
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            number++;
            if (errors.Full) break;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line[0] == '#') continue;
            Parse(line.ToString(), new Position(number, raw.IndexOf(line, StringComparison.Ordinal) + 1));
        }

        CloseKey();
        return sections;
    }

    private void Parse(string line, Position at)
    {
        if (line[0] is '+' or ',')
        {
            if (key.Text is not null) Append(line, at);
            else errors.Add(at, $"no value to continue: a line that begins with '{line[0]}' continues the value above");
            return;
        }

        CloseKey();
        if (line[0] == '[') OpenSection(line, at);
        else OpenKey(line, at);
    }

    private void OpenSection(string line, Position at)
    {
        if (line[^1] != ']')
        {
            errors.Add(at with { Column = at.Column + line.Length }, "section title not closed: add ']'");
            line += ']';
        }

        sections.Add(new Section(line[1..^1].Trim(), at));
    }

    private void OpenKey(string line, Position at)
    {
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            errors.Add(
                at,
                $"{ErrorText.Quote(line)} is neither a section nor a key: "
                + "write [section], key = value, or # and a comment");
            return;
        }

        if (sections.Count == 0)
        {
            errors.Add(at, "key outside of a section: begin with [scenario]");
            return;
        }

        key = new Token(line[..equals].TrimEnd(), at);
        string rest = line[(equals + 1)..];
        string text = rest.TrimStart();
        value = (text, at with { Column = at.Column + equals + 1 + rest.Length - text.Length });
        Append(text, value.At);
    }

    private void Append(string text, Position at)
    {
        Tokenizer.AddTo(tokens, text, at);
        end = at with { Column = at.Column + text.Length };
    }

    private void CloseKey()
    {
        if (key.Text is null) return;
        sections[^1].Keys.Add(new KeyValue(key, value.Text, value.At, [.. tokens], end));
        tokens.Clear();
        key = default;
    }
}
