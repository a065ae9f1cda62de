using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>The words in which something can be described: as the keys of a section, or one after another in one value.</summary>
/// <typeparam name="T">What is described.</typeparam>
/// <param name="entries">The words, in the order in which they are written.</param>
internal sealed class Vocabulary<T>(params Entry<T>[] entries)
{
    /// <summary>All words.</summary>
    public IEnumerable<string> Words => entries.Select(entry => entry.Word);

    /// <summary>Reads a section.</summary>
    /// <param name="plain">What holds where the section says nothing.</param>
    /// <param name="section">The section.</param>
    /// <param name="files">Where other files that it names are.</param>
    /// <param name="errors">Where to say what is wrong.</param>
    /// <param name="wrong">Receives the keys of which something is wrong, so that their values mean nothing, and loses
    /// those that are right.</param>
    public T ReadKeys(T plain, Section section, IFileSource files, FileErrors errors, ISet<string> wrong)
    {
        T thing = plain;
        var seen = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (KeyLine key in section.Keys)
        {
            if (Find(key.Name) is not { } entry)
            {
                errors.Add(key.Name.At, $"unknown key {Nearest.Quote(key.Name.Text)}: {Nearest.Hint(key.Name.Text, Words)}");
                if (Nearest.Of(key.Name.Text, Words) is { } meant) wrong.Add(meant);
                continue;
            }

            if (!seen.TryAdd(entry.Word, key.Name.At) && !entry.Repeats)
            {
                errors.Add(key.Name.At, $"'{entry.Word}' was said already in line {seen[entry.Word].Line}: once is enough");
                continue;
            }

            var value = new ValueReader(key, files);
            T changed = entry.Read(thing, value);
            value.End();
            if (value.Failure is not { } failure)
            {
                thing = changed;
                if (!entry.Repeats) wrong.Remove(entry.Word);
                continue;
            }

            errors.Add(value.FailedAt, failure);
            wrong.Add(entry.Word);
        }

        return thing;
    }

    /// <summary>Writes all keys in which a thing differs from a plain one, a line each.</summary>
    public IEnumerable<string> WriteKeys(T thing, T plain) =>
        entries.SelectMany(entry => entry.Write(thing, plain).Select(value => $"{entry.Word} = {value}"));

    /// <summary>The form of a description in one value.</summary>
    /// <param name="plain">What holds where the value says nothing.</param>
    public Form<T> InOneValue(T plain) => new(
        value => ReadWords(plain, value),
        thing => string.Join(' ', entries.SelectMany(entry => entry.Write(thing, plain).Select(text => $"{entry.Word} {text}".TrimEnd()))));

    private T ReadWords(T plain, ValueReader value)
    {
        T thing = plain;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            Token word = value.Take($"one of {string.Join(", ", Words)}");
            if (value.Failure is not null) break;
            if (Find(word) is not { } entry) value.Fail(word, $"unknown word {Nearest.Quote(word.Text)}: {Nearest.Hint(word.Text, Words)}");
            else if (!seen.Add(entry.Word) && !entry.Repeats) value.Fail(word, $"'{entry.Word}' was said already: once is enough");
            else thing = entry.Read(thing, value);
        }
        while (!value.AtEnd);

        return thing;
    }

    private Entry<T>? Find(Token word) => Array.Find(entries, entry => word.Is(entry.Word));
}
