using System.Runtime.InteropServices;
using XenBalloon.Bus.Definitions;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <content>Taking values out, in their order.</content>
internal sealed unsafe partial class Message
{
    private const string PropertyEntry = "{sv}";

    /// <summary>The next value, which must be of this type.</summary>
    internal BusValue Read(char type)
    {
        switch (type)
        {
            case BusValue.String or BusValue.Path:
                byte* text;
                Expect(sd_bus_message_read_basic(this, (byte)type, &text));
                return new BusValue(type, 0, Marshal.PtrToStringUTF8((nint)text));
            case BusValue.Boolean or BusValue.UInt32:
                uint word;
                Expect(sd_bus_message_read_basic(this, (byte)type, &word));
                return new BusValue(type, word);
            case BusValue.UInt64:
                ulong number;
                Expect(sd_bus_message_read_basic(this, (byte)type, &number));
                return new BusValue(type, number);
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "no basic type of ours");
        }
    }

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
        var properties = new Dictionary<string, BusValue>(StringComparer.Ordinal);
        ReadArray(PropertyEntry, () =>
        {
            string name = Read(BusValue.String).AsText();
            if (ReadVariant() is { } value) properties[name] = value;
        });
        return properties;
    }

    private BusValue? ReadVariant()
    {
        Expect(sd_bus_message_peek_type(this, out _, out byte* contents));
        string type = Marshal.PtrToStringUTF8((nint)contents) ?? "";
        if (type is not ("s" or "o" or "b" or "u" or "t"))
        {
            Checked.Result(sd_bus_message_skip(this, "v"));
            return null;
        }

        Expect(sd_bus_message_enter_container(this, (byte)'v', type));
        BusValue value = Read(type[0]);
        Checked.Result(sd_bus_message_exit_container(this));
        return value;
    }

    private bool AtEnd() => Checked.Result(sd_bus_message_peek_type(this, out _, out _)) == 0;

    /// <summary>Zero is sd-bus's word for "the array ends here", where we know that something must follow.</summary>
    private static void Expect(int result)
    {
        if (Checked.Result(result, "reading a message") == 0) throw new SdBusException(Errno.InputOutput, "reading past the end of a message");
    }
}
