using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>Objects of ours and the signals that tell of their changes.</summary>
internal static unsafe partial class LibSystemd
{
    /// <summary>The table is not copied: it must outlive the slot.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_add_object_vtable(BusHandle bus, out SlotHandle slot, string path, string interfaceName, VtableEntry* table, nint userdata);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_add_object_manager(BusHandle bus, out SlotHandle slot, string path);

    [LibraryImport(Library)]
    internal static partial nint sd_bus_slot_unref(nint slot);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_message_new_signal(BusHandle bus, out Message signal, string path, string interfaceName, string member);

    /// <summary>Reads the named properties' values through their getters, now.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_emit_properties_changed_strv(BusHandle bus, string path, string interfaceName, byte** names);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_emit_object_added(BusHandle bus, string path);

    /// <summary>To be called while the object is still there: sd-bus asks it for its interfaces.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sd_bus_emit_object_removed(BusHandle bus, string path);
}
