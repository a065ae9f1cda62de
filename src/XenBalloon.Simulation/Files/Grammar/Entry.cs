using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>A word of a vocabulary: a key of a section, or a part of a value.</summary>
/// <typeparam name="T">What it says something of.</typeparam>
/// <param name="Word">The word.</param>
/// <param name="Read">Reads what follows the word, and returns the thing with that in it.</param>
/// <param name="Write">What to write after the word, given the thing and a plain one; nothing where they agree, and as often as the word is needed.</param>
internal sealed record Entry<T>(string Word, Func<T, ValueReader, T> Read, Func<T, T, IEnumerable<string>> Write)
{
    /// <summary>Whether it may be said more than once.</summary>
    public bool Repeats { get; init; }
}
