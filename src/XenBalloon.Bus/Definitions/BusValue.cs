using System.Collections.Immutable;
using System.Globalization;

namespace XenBalloon.Bus.Definitions;

/// <summary>A value of one of the D-Bus types that we use; compared by value, so that a change can be told from a repetition.</summary>
internal readonly struct BusValue : IEquatable<BusValue>
{
    internal const string String = "s";
    internal const string Path = "o";
    internal const string Boolean = "b";
    internal const string UInt32 = "u";
    internal const string UInt64 = "t";
    internal const string Strings = "as";
    internal const string Options = "a{sv}";

    private readonly object? reference;

    private BusValue(string type, ulong number, object? reference = null)
    {
        Type = type;
        Number = number;
        this.reference = reference;
    }

    /// <summary>The D-Bus type.</summary>
    internal string Type { get; }

    /// <summary>The value of a number, or 1 for true.</summary>
    internal ulong Number { get; }

    /// <summary>The values of an array of strings; empty for others.</summary>
    internal ImmutableArray<string> Texts => reference is ImmutableArray<string> texts ? texts : [];

    /// <summary>The values of a dictionary; empty for others.</summary>
    internal IReadOnlyDictionary<string, BusValue> Entries => reference as IReadOnlyDictionary<string, BusValue> ?? ImmutableDictionary<string, BusValue>.Empty;

    internal static BusValue ObjectPath(string path) => new(Path, 0, path);

    internal static BusValue Array(ImmutableArray<string> texts) => new(Strings, 0, texts);

    internal static BusValue Dictionary(IReadOnlyDictionary<string, BusValue> entries) => new(Options, 0, entries);

    /// <summary>The value as a string; empty for all else.</summary>
    internal string AsText() => reference as string ?? "";

    /// <inheritdoc/>
    public bool Equals(BusValue other) =>
        Type == other.Type
        && Number == other.Number
        && (Type == Strings ? Texts.SequenceEqual(other.Texts) : Type == Options ? Entries.ToHashSet().SetEquals(other.Entries) : Equals(reference, other.reference));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BusValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Number, reference as string);

    /// <inheritdoc/>
    public override string ToString() => reference as string ?? (Type == Strings ? string.Join(", ", Texts) : Number.ToString(CultureInfo.InvariantCulture));

    public static implicit operator BusValue(string text) => new(String, 0, text);

    public static implicit operator BusValue(bool value) => new(Boolean, value ? 1ul : 0);

    public static implicit operator BusValue(uint number) => new(UInt32, number);

    public static implicit operator BusValue(ulong number) => new(UInt64, number);

    public static bool operator ==(BusValue left, BusValue right) => left.Equals(right);

    public static bool operator !=(BusValue left, BusValue right) => !left.Equals(right);
}
