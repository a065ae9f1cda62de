using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>libxenstore: single nodes. There is deliberately no <c>xs_directory</c>: a guest can make its reply kill our connection.</summary>
internal readonly unsafe struct XenStoreValueFunctions(nint library)
{
    /// <summary><c>void *xs_read(struct xs_handle *, uint32_t transaction, const char *path, unsigned *length)</c>; to be freed.</summary>
    public readonly delegate* unmanaged<nint, uint, byte*, uint*, byte*> Read =
        (delegate* unmanaged<nint, uint, byte*, uint*, byte*>)NativeLibrary.GetExport(library, "xs_read");

    /// <summary><c>bool xs_write(struct xs_handle *, uint32_t transaction, const char *path, const void *data, unsigned length)</c></summary>
    public readonly delegate* unmanaged<nint, uint, byte*, byte*, uint, byte> Write =
        (delegate* unmanaged<nint, uint, byte*, byte*, uint, byte>)NativeLibrary.GetExport(library, "xs_write");

    /// <summary><c>bool xs_rm(struct xs_handle *, uint32_t transaction, const char *path)</c></summary>
    public readonly delegate* unmanaged<nint, uint, byte*, byte> Remove =
        (delegate* unmanaged<nint, uint, byte*, byte>)NativeLibrary.GetExport(library, "xs_rm");

    /// <summary><c>bool xs_set_permissions(struct xs_handle *, uint32_t transaction, const char *path, struct xs_permissions *, unsigned count)</c></summary>
    public readonly delegate* unmanaged<nint, uint, byte*, StorePermission*, uint, byte> SetPermissions =
        (delegate* unmanaged<nint, uint, byte*, StorePermission*, uint, byte>)NativeLibrary.GetExport(library, "xs_set_permissions");
}
