using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>Calls to others, and answers to theirs.</summary>
internal static unsafe partial class LibSystemd
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_new_method_call(
        BusHandle bus, out Message message, string destination, string path, string interfaceName, string member);

    /// <summary>Whether the bus may start the called service when it does not run.</summary>
    [LibraryImport(Library)]
    internal static partial int sd_bus_message_set_auto_start(Message message, int yes);

    [LibraryImport(Library)]
    internal static partial int sd_bus_call(BusHandle bus, Message call, ulong timeoutMicroseconds, NativeError* error, out Message reply);

    [LibraryImport(Library)]
    internal static partial int sd_bus_call_async(
        BusHandle bus, out SlotHandle slot, Message call, delegate* unmanaged[Cdecl]<nint, nint, NativeError*, int> callback, nint userdata, ulong timeoutMicroseconds);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_new_method_return(Message call, out Message reply);

    [LibraryImport(Library)]
    internal static partial int sd_bus_reply_method_error(Message call, NativeError* error);

    [LibraryImport(Library)]
    internal static partial int sd_bus_message_send(Message message);
}
