using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>Who is on the bus.</summary>
internal static unsafe partial class LibSystemd
{
    /// <summary>The handler is called, from <c>sd_bus_process</c>, when none of the names is left.</summary>
    [LibraryImport(Library)]
    internal static partial int sd_bus_track_new(BusHandle bus, out TrackHandle track, delegate* unmanaged[Cdecl]<nint, nint, int> handler, nint userdata);

    /// <summary>Fails where nobody has the name.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_track_add_name(TrackHandle track, string name);

    [LibraryImport(Library)]
    internal static partial nint sd_bus_track_unref(nint track);
}
