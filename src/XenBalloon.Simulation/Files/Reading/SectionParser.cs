namespace XenBalloon.Simulation.Files.Reading;

/// <summary>
/// Parts a file into sections and keys: <c>[title]</c>, <c>key = value</c>, and values that go on where a line begins with <c>+</c> or <c>,</c>. Comments
/// begin with <c>#</c> and have lines of their own.
/// </summary>
/// <param name="errors">Where to say what is neither.</param>
internal sealed class SectionParser(FileErrors errors)
{
    private readonly List<Section> sections = [];
    private readonly List<Token> tokens = [];
    private Token name;
    private (string Text, Place At) value;
    private Place end;

    /// <summary>Reads a whole file.</summary>
    public List<Section> Parse(string text)
    {
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            number++;
            if (errors.Full) break;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line[0] == '#') continue;
            Read(line.ToString(), new Place(number, raw.IndexOf(line, StringComparison.Ordinal) + 1));
        }

        CloseKey();
        return sections;
    }

    private void Read(string line, Place at)
    {
        if (line[0] is '+' or ',')
        {
            if (name.Text is null) errors.Add(at, $"there is no value that this line could go on with: only a value's further lines begin with '{line[0]}'");
            else Append(line, at);
            return;
        }

        CloseKey();
        if (line[0] == '[') OpenSection(line, at);
        else OpenKey(line, at);
    }

    private void OpenSection(string line, Place at)
    {
        if (line[^1] != ']')
        {
            errors.Add(at with { Column = at.Column + line.Length }, "the section's title is not closed: here should be ']'");
            line += ']';
        }

        sections.Add(new Section(line[1..^1].Trim(), at));
    }

    private void OpenKey(string line, Place at)
    {
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            errors.Add(at, $"{Nearest.Quote(line)} is neither a section nor a key: write [section], key = value, or # and a comment");
            return;
        }

        if (sections.Count == 0)
        {
            errors.Add(at, "this key is in no section: begin with [scenario]");
            return;
        }

        name = new Token(line[..equals].TrimEnd(), at);
        string rest = line[(equals + 1)..];
        string text = rest.TrimStart();
        value = (text, at with { Column = at.Column + equals + 1 + rest.Length - text.Length });
        Append(text, value.At);
    }

    private void Append(string text, Place at)
    {
        Tokenizer.AddTo(tokens, text, at);
        end = at with { Column = at.Column + text.Length };
    }

    private void CloseKey()
    {
        if (name.Text is null) return;
        sections[^1].Keys.Add(new KeyLine(name, value.Text, value.At, [.. tokens], end));
        tokens.Clear();
        name = default;
    }
}
