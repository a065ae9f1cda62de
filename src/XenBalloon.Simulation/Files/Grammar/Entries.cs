using System.Collections.Immutable;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>Makes the usual entries of a vocabulary.</summary>
internal static class Entries
{
    /// <summary>A word with a value, such as <c>min 256m</c>.</summary>
    public static Entry<T> Value<T, TValue>(string word, Form<TValue> form, Func<T, TValue> get, Func<T, TValue, T> set) => new(
        word,
        (thing, value) => set(thing, form.Read(value)),
        (thing, plain) => EqualityComparer<TValue>.Default.Equals(get(thing), get(plain)) ? [] : [form.Write(get(thing))]);

    /// <summary>A word with a value that need not be there at all.</summary>
    public static Entry<T> Optional<T, TValue>(string word, Form<TValue> form, Func<T, TValue?> get, Func<T, TValue?, T> set)
        where TValue : struct => new(
        word,
        (thing, value) => set(thing, form.Read(value)),
        (thing, _) => get(thing) is { } there ? [form.Write(there)] : []);

    /// <summary>A word with a value that can be said again and again; all are kept, in order.</summary>
    public static Entry<T> Many<T, TValue>(string word, Form<TValue> form, Func<T, ImmutableArray<TValue>> get, Func<T, ImmutableArray<TValue>, T> set) => new(
        word,
        (thing, value) => set(thing, get(thing).Add(form.Read(value))),
        (thing, _) => get(thing).Select(form.Write))
    { Repeats = true };

    /// <summary>A word that says all by itself, such as <c>silent</c>.</summary>
    public static Entry<T> Word<T, TValue>(string word, TValue meaning, Func<T, TValue> get, Func<T, TValue, T> set) => new(
        word,
        (thing, _) => set(thing, meaning),
        (thing, plain) => Equals(get(thing), meaning) && !Equals(get(plain), meaning) ? [""] : []);

    /// <summary>A word that stands for others; it is read and never written.</summary>
    public static Entry<T> Shorthand<T>(string word, Func<T, T> meaning) => new(word, (thing, _) => meaning(thing), (_, _) => []);
}
