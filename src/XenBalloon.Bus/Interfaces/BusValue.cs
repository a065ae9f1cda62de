using System.Collections.Immutable;
using System.Text;
using Tmds.DBus.Protocol;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Interfaces;

/// <summary>
/// Converts values to and from D-Bus, with an overload for each type that the interfaces use. Sizes are KiB as
/// <c>t</c>; 0 means unknown, since no domain has size 0. A value of an unexpected type is read as unknown.
/// </summary>
internal static class BusValue
{
    private const ulong MaxUnixTime = 253_402_300_799; // the end of the year 9999

    /// <summary>
    /// Larger sizes are clamped to this, so that sums of sizes do not overflow; the code that uses a size checks its
    /// bounds.
    /// </summary>
    private const ulong MaxKiB = 1UL << 62;

    private const int MaxStringBytes = 4096;

    private const ulong MaxSeconds = uint.MaxValue;

    internal static void Read(VariantValue value, ref string text)
    {
        if (value.Type == VariantValueType.String) text = value.GetString();
        else if (value.Type == VariantValueType.ObjectPath) text = value.GetObjectPathAsString();
    }

    internal static void Read(VariantValue value, ref bool flag)
    {
        if (value.Type == VariantValueType.Bool) flag = value.GetBool();
    }

    internal static void Read(VariantValue value, ref uint number)
    {
        if (value.Type == VariantValueType.UInt32) number = value.GetUInt32();
    }

    internal static void Read(VariantValue value, ref KiB size)
    {
        if (value.Type == VariantValueType.UInt64) size = ToKiB(value.GetUInt64());
    }

    internal static void Read(VariantValue value, ref KiB? size) => size = Known(value) is { } kib ? ToKiB(kib) : null;

    internal static void Read(VariantValue value, ref TimeSpan? time) =>
        time = Known(value) is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, MaxSeconds)) : null;

    internal static void Read(VariantValue value, ref DateTimeOffset? time) =>
        time = Known(value) is { } seconds
            ? DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(seconds, MaxUnixTime))
            : null;

    internal static void Read(VariantValue value, ref ImmutableArray<string> texts)
    {
        if (value is { Type: VariantValueType.Array, ItemType: VariantValueType.String })
        {
            texts = ImmutableArray.Create(value.GetArray<string>());
        }
    }

    /// <exception cref="BusErrorException">
    /// The string is too long; D-Bus itself allows messages of 128 MiB.
    /// </exception>
    internal static string ReadString(ref Reader reader)
    {
        ReadOnlySpan<byte> text = reader.ReadStringAsSpan();
        return text.Length <= MaxStringBytes
            ? Encoding.UTF8.GetString(text)
            : throw new BusErrorException(
                BusErrors.InvalidArgs, $"string of {text.Length} bytes: expected at most {MaxStringBytes}");
    }

    internal static string ReadPath(ref Reader reader) => reader.ReadObjectPathAsString();

    internal static bool ReadBoolean(ref Reader reader) => reader.ReadBool();

    internal static uint ReadUInt32(ref Reader reader) => reader.ReadUInt32();

    internal static KiB ReadKiB(ref Reader reader) => ToKiB(reader.ReadUInt64());

    /// <exception cref="BusErrorException">A key occurs twice; one value would be lost.</exception>
    internal static Dictionary<string, VariantValue> ReadOptions(ref Reader reader)
    {
        var options = new Dictionary<string, VariantValue>(StringComparer.Ordinal);
        ArrayEnd end = reader.ReadDictionaryStart();
        while (reader.HasNext(end))
        {
            string name = ReadString(ref reader);
            if (!options.TryAdd(name, reader.ReadVariantValue()))
            {
                throw new BusErrorException(BusErrors.InvalidArgs, $"duplicate key '{name}': give it once");
            }
        }

        return options;
    }

    internal static void Write(ref MessageWriter writer, string text) => writer.WriteString(Sanitize(text));

    internal static void Write(ref MessageWriter writer, bool flag) => writer.WriteBool(flag);

    internal static void Write(ref MessageWriter writer, uint number) => writer.WriteUInt32(number);

    internal static void Write(ref MessageWriter writer, KiB size) => writer.WriteUInt64(ToNumber(size));

    internal static void Write(ref MessageWriter writer, ImmutableArray<string> texts) =>
        writer.WriteArray(texts.Select(Sanitize).ToArray());

    internal static void Write(ref MessageWriter writer, Dictionary<string, VariantValue> options) =>
        writer.WriteDictionary(options);

    internal static void WritePath(ref MessageWriter writer, string path) => writer.WriteObjectPath(path);

    internal static void WriteVariant(ref MessageWriter writer, string text) =>
        writer.WriteVariantString(Sanitize(text));

    internal static void WriteVariant(ref MessageWriter writer, bool flag) => writer.WriteVariantBool(flag);

    internal static void WriteVariant(ref MessageWriter writer, uint number) => writer.WriteVariantUInt32(number);

    internal static void WriteVariant(ref MessageWriter writer, KiB? size) => writer.WriteVariantUInt64(ToNumber(size));

    internal static void WriteVariant(ref MessageWriter writer, TimeSpan? time) =>
        writer.WriteVariantUInt64((ulong)Math.Max(0, time?.TotalSeconds ?? 0));

    internal static void WriteVariant(ref MessageWriter writer, DateTimeOffset? time) =>
        writer.WriteVariantUInt64((ulong)Math.Max(0, time?.ToUnixTimeSeconds() ?? 0));

    internal static void WriteVariant(ref MessageWriter writer, ImmutableArray<string> texts) =>
        writer.WriteVariant(VariantValue.Array(texts.Select(Sanitize).ToArray()));

    /// <summary>The D-Bus type of a value, for error messages; for a container only its kind.</summary>
    internal static string TypeOf(VariantValue value) => value.Type switch
    {
        VariantValueType.Array => $"a{(char)value.ItemType}",
        VariantValueType.Dictionary => "a{}",
        VariantValueType.Struct => "()",
        VariantValueType basic => ((char)basic).ToString(), // the library numbers types by their letters
    };

    /// <summary>Starts a dictionary entry (<c>{sv}</c>); the caller writes the value.</summary>
    internal static void StartEntry(ref MessageWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteDictionaryEntryStart();
        writer.WriteString(name);
    }

    internal static bool AreSame<T>(T left, T right) => EqualityComparer<T>.Default.Equals(left, right);

    internal static bool AreSame(ImmutableArray<string> left, ImmutableArray<string> right) =>
        left.AsSpan().SequenceEqual(right.AsSpan());

    /// <summary>
    /// A string that the bus accepts. A domain's name may contain NUL, on which the bus closes the connection. (The
    /// encoder replaces invalid Unicode.)
    /// </summary>
    internal static string Sanitize(string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\ufffd') : text;

    private static ulong? Known(VariantValue value) =>
        value.Type == VariantValueType.UInt64 && value.GetUInt64() is not 0 and var number ? number : null;

    private static KiB ToKiB(ulong number) => new((long)Math.Min(number, MaxKiB));

    private static ulong ToNumber(KiB? size) => (ulong)Math.Max(0, size?.Value ?? 0);
}

/// <summary>
/// A domain's setting as an argument of the method Set: <c>t</c> for a size, <c>u</c> for a count, <c>b</c> for a
/// switch, or the string that restores the configured value.
/// </summary>
internal static class SettingVariant
{
    internal static VariantValue Write(DomainSetting setting, long? value) => (setting.Kind, value) switch
    {
        (_, null) => DomainSetting.Default,
        (SettingKind.Size, { } kib) => VariantValue.UInt64((ulong)kib),
        (SettingKind.Count, { } count) => VariantValue.UInt32((uint)count),
        (_, { } number) => VariantValue.Bool(number != 0),
    };

    /// <exception cref="ControlException">
    /// The value has the wrong type. <see cref="IControl"/> checks its bounds.
    /// </exception>
    internal static long? Read(DomainSetting setting, VariantValue value) => (setting.Kind, value.Type) switch
    {
        (_, VariantValueType.String) when value.GetString() == DomainSetting.Default => null,
        (SettingKind.Size, VariantValueType.UInt64) => (long)Math.Min(value.GetUInt64(), long.MaxValue),
        (SettingKind.Count, VariantValueType.UInt32) => value.GetUInt32(),
        (SettingKind.Switch, VariantValueType.Bool) => value.GetBool() ? 1 : 0,
        _ => throw new ControlException(
            ControlError.InvalidArgument,
            $"invalid type '{BusValue.TypeOf(value)}' for {setting.Name}: expected '{TypeOf(setting)}', "
            + $"or \"{DomainSetting.Default}\" (s) for the configured value"),
    };

    private static string TypeOf(DomainSetting setting) => setting.Kind switch
    {
        SettingKind.Size => "t",
        SettingKind.Count => "u",
        _ => "b",
    };
}
