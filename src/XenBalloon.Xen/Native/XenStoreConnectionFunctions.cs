using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>libxenstore: opening and closing, and where the socket is.</summary>
internal readonly unsafe struct XenStoreConnectionFunctions(nint library)
{
    /// <summary><c>struct xs_handle *xs_open(unsigned long flags)</c></summary>
    public readonly delegate* unmanaged<CULong, nint> Open =
        (delegate* unmanaged<CULong, nint>)NativeLibrary.GetExport(library, "xs_open");

    /// <summary><c>void xs_close(struct xs_handle *)</c></summary>
    public readonly delegate* unmanaged<nint, void> Close =
        (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "xs_close");

    /// <summary><c>const char *xs_daemon_socket(void)</c></summary>
    public readonly delegate* unmanaged<byte*> DaemonSocket =
        (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "xs_daemon_socket");
}
