using System.Collections;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Files;

/// <summary>
/// Parses a value from tokens. On an error it calls <see cref="ValueReader.Fail(string)"/> and returns an arbitrary
/// value.
/// </summary>
internal delegate T ValueParser<out T>(ValueReader value);

/// <summary>
/// The keywords that describe something, each with a parser of what follows: the keys of a section, or the parts of one
/// value.
/// </summary>
/// <typeparam name="T">The described type.</typeparam>
/// <param name="repeatable">The keywords that can be given more than once.</param>
internal sealed class KeywordTable<T>(params string[] repeatable) : IEnumerable<string>
{
    private readonly List<(string Word, Func<T, ValueReader, T> Read)> keywords = [];

    /// <summary>Adds a keyword that is followed by a value.</summary>
    public void Add<TValue>(string word, ValueParser<TValue> parse, Func<T, TValue, T> set) =>
        keywords.Add((word, (described, value) => set(described, parse(value))));

    /// <summary>Adds a keyword without a value.</summary>
    public void Add(string word, Func<T, T> set) => keywords.Add((word, (described, _) => set(described)));

    /// <summary>All keywords.</summary>
    public IEnumerator<string> GetEnumerator() => keywords.Select(keyword => keyword.Word).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Parses the keys of a section.</summary>
    /// <param name="defaults">The values of missing keys.</param>
    /// <param name="section">The section.</param>
    /// <param name="files">The recordings that values can name.</param>
    /// <param name="errors">Collects the errors.</param>
    /// <param name="wrong">Receives the keys with errors, and loses the valid ones.</param>
    public T ParseKeys(T defaults, Section section, TraceFiles files, FileErrors errors, ISet<string> wrong)
    {
        T described = defaults;
        var seen = new Dictionary<string, Position>(StringComparer.Ordinal);
        foreach (KeyValue line in section.Keys)
        {
            if (Find(line.Key) is not var (word, read))
            {
                string hint = ErrorText.Hint(line.Key.Text, this);
                errors.Add(line.Key.At, $"unknown key {ErrorText.Quote(line.Key.Text)}: {hint}");
                if (ErrorText.MostSimilar(line.Key.Text, this) is { } meant) wrong.Add(meant);
                continue;
            }

            if (!seen.TryAdd(word, line.Key.At) && !repeatable.Contains(word))
            {
                errors.Add(line.Key.At, $"duplicate key '{word}': line {seen[word].Line} sets it already");
                continue;
            }

            var value = new ValueReader(line, files);
            T changed = read(described, value);
            value.End();
            if (value.Failure is not { } failure)
            {
                described = changed;
                if (!repeatable.Contains(word)) wrong.Remove(word);
                continue;
            }

            errors.Add(value.FailedAt, failure);
            wrong.Add(word);
        }

        return described;
    }

    /// <summary>A parser of a value that consists of keywords.</summary>
    /// <param name="defaults">The values of missing keywords.</param>
    public ValueParser<T> AsValue(T defaults) => value =>
    {
        T described = defaults;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            Token token = value.Take($"one of {string.Join(", ", this)}");
            if (value.Failure is not null) break;
            if (Find(token) is not var (word, read))
                value.Fail(token, $"unknown keyword {ErrorText.Quote(token.Text)}: {ErrorText.Hint(token.Text, this)}");
            else if (!seen.Add(word) && !repeatable.Contains(word))
                value.Fail(token, $"duplicate keyword '{word}'");
            else
                described = read(described, value);
        }
        while (!value.AtEnd);

        return described;
    };

    private (string Word, Func<T, ValueReader, T> Read)? Find(Token token)
    {
        int index = keywords.FindIndex(keyword => token.Is(keyword.Word));
        return index < 0 ? null : keywords[index];
    }
}
