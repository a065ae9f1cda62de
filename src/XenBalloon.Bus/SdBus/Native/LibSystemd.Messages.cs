using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>What is in a message. Strings that come out belong to the message and die with it.</summary>
internal static unsafe partial class LibSystemd
{
    [LibraryImport(Library)]
    internal static partial nint sd_bus_message_ref(nint message);

    [LibraryImport(Library)]
    internal static partial nint sd_bus_message_unref(nint message);

    [LibraryImport(Library)]
    internal static partial byte* sd_bus_message_get_member(Message message);

    [LibraryImport(Library)]
    internal static partial byte* sd_bus_message_get_sender(Message message);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_is_signal(Message message, byte* interfaceName, byte* member);

    [LibraryImport(Library)]
    internal static partial NativeError* sd_bus_message_get_error(Message message);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_append_basic(Message message, byte type, void* value);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_read_basic(Message message, byte type, void* value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_open_container(Message message, byte type, string contents);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_close_container(Message message);

    /// <summary>Whether the caller is ready to wait while a person is asked for a password.</summary>
    [LibraryImport(Library)]
    internal static partial int sd_bus_message_get_allow_interactive_authorization(Message message);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_set_allow_interactive_authorization(Message message, int yes);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_enter_container(Message message, byte type, string contents);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_exit_container(Message message);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_peek_type(Message message, out byte type, out byte* contents);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_skip(Message message, string types);
}
