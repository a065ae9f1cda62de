using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>D-Bus errors: a name and a message.</summary>
internal static unsafe partial class LibSystemd
{
    /// <summary>Copies both; returns a negative errno that stands for the name, which a callback may return as it is.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_error_set(NativeError* error, string name, string message);

    [LibraryImport(Library)]
    internal static partial void sd_bus_error_free(NativeError* error);
}
