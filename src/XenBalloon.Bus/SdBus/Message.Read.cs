using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XenBalloon.Bus.Definitions;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <content>Taking values out, in their order.</content>
internal sealed unsafe partial class Message
{
    private const string PropertyEntry = "{sv}";

    /// <summary>The next value, which must be of this type.</summary>
    internal BusValue Read(string type)
    {
        switch (type)
        {
            case BusValue.String:
                return ReadText(type);
            case BusValue.Path:
                return BusValue.ObjectPath(ReadText(type));
            case BusValue.Boolean:
                uint truth;
                Expect(sd_bus_message_read_basic(this, (byte)type[0], &truth));
                return truth != 0;
            case BusValue.UInt32:
                uint word;
                Expect(sd_bus_message_read_basic(this, (byte)type[0], &word));
                return word;
            case BusValue.UInt64:
                ulong number;
                Expect(sd_bus_message_read_basic(this, (byte)type[0], &number));
                return number;
            case BusValue.Strings:
                ImmutableArray<string>.Builder texts = ImmutableArray.CreateBuilder<string>();
                ReadArray(BusValue.String, () => texts.Add(ReadText(BusValue.String)));
                return BusValue.Array(texts.ToImmutable());
            case BusValue.Options:
                return BusValue.Dictionary(ReadEntries(RefuseOption));
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "no type of ours");
        }
    }

    /// <summary>Goes into an array, structure, variant or dictionary entry.</summary>
    internal void EnterContainer(char kind, string contents) => Expect(sd_bus_message_enter_container(this, (byte)kind, contents));

    /// <summary>Reads an array to its end.</summary>
    /// <param name="contents">The type of its elements; those of a dictionary are <c>{…}</c>.</param>
    /// <param name="readElement">Reads one element.</param>
    internal void ReadArray(string contents, Action readElement)
    {
        Expect(sd_bus_message_enter_container(this, (byte)'a', contents));
        bool isDictionary = contents[0] == '{';
        string entry = isDictionary ? contents[1..^1] : contents;
        while (!AtEnd())
        {
            if (isDictionary) Expect(sd_bus_message_enter_container(this, (byte)'e', entry));
            readElement();
            if (isDictionary) Checked.Result(sd_bus_message_exit_container(this));
        }

        Checked.Result(sd_bus_message_exit_container(this));
    }

    /// <summary>Reads properties with their values (<c>a{sv}</c>), leaving out those whose type we do not know: a newer service may have some.</summary>
    internal Dictionary<string, BusValue> ReadProperties()
    {
        return ReadEntries((_, _) => { });
    }

    private static void RefuseOption(string name, string type) =>
        throw new MethodErrorException(ErrorNames.InvalidArgument, $"the option '{name}' cannot be of type '{type}': introspection tells what there is");

    private Dictionary<string, BusValue> ReadEntries(Action<string, string> passOver)
    {
        var entries = new Dictionary<string, BusValue>(StringComparer.Ordinal);
        ReadArray(PropertyEntry, () =>
        {
            string name = Read(BusValue.String).AsText();
            if (ReadVariant(out string type) is { } value) entries[name] = value;
            else passOver(name, type);
        });
        return entries;
    }

    private BusValue? ReadVariant(out string type)
    {
        Expect(sd_bus_message_peek_type(this, out _, out byte* contents));
        type = Marshal.PtrToStringUTF8((nint)contents) ?? "";
        if (type is not (BusValue.String or BusValue.Path or BusValue.Boolean or BusValue.UInt32 or BusValue.UInt64 or BusValue.Strings))
        {
            Checked.Result(sd_bus_message_skip(this, "v"));
            return null;
        }

        Expect(sd_bus_message_enter_container(this, (byte)'v', type));
        BusValue value = Read(type);
        Checked.Result(sd_bus_message_exit_container(this));
        return value;
    }

    private string ReadText(string type)
    {
        byte* text;
        Expect(sd_bus_message_read_basic(this, (byte)type[0], &text));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    private bool AtEnd() => Checked.Result(sd_bus_message_peek_type(this, out _, out _)) == 0;

    /// <summary>Zero is sd-bus's word for "the array ends here", where we know that something must follow.</summary>
    private static void Expect(int result)
    {
        if (Checked.Result(result, "reading a message") == 0) throw new SdBusException(Errno.InputOutput, "reading past the end of a message");
    }
}
