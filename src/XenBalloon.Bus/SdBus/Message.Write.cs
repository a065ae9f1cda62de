using System.Text;
using XenBalloon.Bus.Definitions;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <content>Putting values in.</content>
internal sealed unsafe partial class Message
{
    /// <summary>Appends a value. Text that is no Unicode is mended: sd-bus would refuse the whole message for it.</summary>
    internal void Append(BusValue value)
    {
        switch (value.Type)
        {
            case BusValue.String or BusValue.Path:
                AppendText(value.Type[0], value.AsText());
                break;
            case BusValue.Boolean or BusValue.UInt32:
                uint word = (uint)value.Number; // a boolean is four bytes on the wire and in sd-bus
                Checked.Result(sd_bus_message_append_basic(this, (byte)value.Type[0], &word));
                break;
            case BusValue.UInt64:
                ulong number = value.Number;
                Checked.Result(sd_bus_message_append_basic(this, (byte)value.Type[0], &number));
                break;
            case BusValue.Strings:
                OpenContainer('a', BusValue.String);
                foreach (string text in value.Texts) Append(text);
                CloseContainer();
                break;
            case BusValue.Options:
                OpenContainer('a', PropertyEntry);
                foreach ((string name, BusValue entry) in value.Entries) AppendEntry(name, entry);
                CloseContainer();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(value), value.Type, "no basic type of ours");
        }
    }

    /// <summary>Begins an array, structure, variant or dictionary entry.</summary>
    internal void OpenContainer(char kind, string contents) => Checked.Result(sd_bus_message_open_container(this, (byte)kind, contents));

    /// <summary>Ends it.</summary>
    internal void CloseContainer() => Checked.Result(sd_bus_message_close_container(this));

    private void AppendEntry(string name, BusValue value)
    {
        OpenContainer('e', "sv");
        Append(name);
        OpenContainer('v', value.Type);
        Append(value);
        CloseContainer();
        CloseContainer();
    }

    private void AppendText(char type, string text)
    {
        int size = Encoding.UTF8.GetMaxByteCount(text.Length) + 1;
        Span<byte> buffer = size <= 1024 ? stackalloc byte[size] : new byte[size];
        buffer[Encoding.UTF8.GetBytes(text, buffer)] = 0;
        fixed (byte* start = buffer) Checked.Result(sd_bus_message_append_basic(this, (byte)type, start));
    }
}
