using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>Making a connection, owning a name, and driving the connection from our own loop.</summary>
internal static unsafe partial class LibSystemd
{
    [LibraryImport(Library)]
    internal static partial int sd_bus_open_system(out BusHandle bus);

    /// <summary>The system bus of another host, over ssh.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_open_system_remote(out BusHandle bus, string host);

    [LibraryImport(Library)]
    internal static partial int sd_bus_new(out BusHandle bus);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_set_address(BusHandle bus, string address);

    [LibraryImport(Library)]
    internal static partial int sd_bus_set_bus_client(BusHandle bus, int yes);

    [LibraryImport(Library)]
    internal static partial int sd_bus_start(BusHandle bus);

    [LibraryImport(Library)]
    internal static partial nint sd_bus_flush_close_unref(nint bus);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_request_name(BusHandle bus, string name, ulong flags);

    [LibraryImport(Library)]
    internal static partial int sd_bus_get_fd(BusHandle bus);

    [LibraryImport(Library)]
    internal static partial int sd_bus_get_events(BusHandle bus);

    /// <summary>When to call <c>sd_bus_process</c> at the latest: absolute, CLOCK_MONOTONIC, in µs; all ones for never.</summary>
    [LibraryImport(Library)]
    internal static partial int sd_bus_get_timeout(BusHandle bus, out ulong microseconds);

    /// <summary>With a place for a message, hands out those that nobody handled; without, answers calls among them with an error.</summary>
    [LibraryImport(Library)]
    internal static partial int sd_bus_process(BusHandle bus, nint* message);
}
