using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>libxenstore: watches.</summary>
internal readonly unsafe struct XenStoreWatchFunctions(nint library)
{
    /// <summary><c>bool xs_watch(struct xs_handle *, const char *path, const char *token)</c></summary>
    public readonly delegate* unmanaged<nint, byte*, byte*, byte> Watch =
        (delegate* unmanaged<nint, byte*, byte*, byte>)NativeLibrary.GetExport(library, "xs_watch");

    /// <summary><c>bool xs_unwatch(struct xs_handle *, const char *path, const char *token)</c></summary>
    public readonly delegate* unmanaged<nint, byte*, byte*, byte> Unwatch =
        (delegate* unmanaged<nint, byte*, byte*, byte>)NativeLibrary.GetExport(library, "xs_unwatch");

    /// <summary><c>char **xs_check_watch(struct xs_handle *)</c>: path and token in one block, to be freed; null and EAGAIN when drained.</summary>
    public readonly delegate* unmanaged<nint, byte**> Check =
        (delegate* unmanaged<nint, byte**>)NativeLibrary.GetExport(library, "xs_check_watch");

    /// <summary><c>int xs_fileno(struct xs_handle *)</c>: readable while events wait. Does not wake when xenstored dies.</summary>
    public readonly delegate* unmanaged<nint, int> FileNumber =
        (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "xs_fileno");
}
