using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>libxenstore as the toolstack uses it: what the daemon itself must never call, too.</summary>
internal static partial class NativeXenStore
{
    private const string Library = "libxenstore.so.4";

    [StructLayout(LayoutKind.Sequential)]
    internal struct Permission
    {
        public uint Domid;
        public uint Access;
    }

    [LibraryImport(Library, EntryPoint = "xs_open")]
    internal static partial nint Open(CULong flags);

    [LibraryImport(Library, EntryPoint = "xs_close")]
    internal static partial void Close(nint handle);

    [LibraryImport(Library, EntryPoint = "xs_read", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint Read(nint handle, uint transaction, string path, out uint length);

    [LibraryImport(Library, EntryPoint = "xs_write", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Write(nint handle, uint transaction, string path, byte[] data, uint length);

    [LibraryImport(Library, EntryPoint = "xs_mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool MakeDirectory(nint handle, uint transaction, string path);

    [LibraryImport(Library, EntryPoint = "xs_rm", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Remove(nint handle, uint transaction, string path);

    [LibraryImport(Library, EntryPoint = "xs_set_permissions", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool SetPermissions(nint handle, uint transaction, string path, Permission[] permissions, uint count);

    [LibraryImport(Library, EntryPoint = "xs_directory", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial nint List(nint handle, uint transaction, string path, out uint count);

    [LibraryImport(Library, EntryPoint = "xs_introduce_domain", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Introduce(nint handle, uint domid, CULong frame, uint port);

    [LibraryImport(Library, EntryPoint = "xs_release_domain", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Release(nint handle, uint domid);
}
