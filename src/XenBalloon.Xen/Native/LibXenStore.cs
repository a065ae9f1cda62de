using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace XenBalloon.Xen.Native;

/// <summary>
/// libxenstore (<c>xenstore.h</c>): raw bindings, one for each function. There is deliberately no <c>xs_directory</c>:
/// a guest can create so many nodes that oxenstored closes the connection that lists them.
/// </summary>
internal static unsafe partial class LibXenStore
{
    private const string Name = "libxenstore";

    /// <summary>The newest function that is bound here: a libxenstore that has it has all the others.</summary>
    private const string NewestFunction = "xs_check_watch";

    private static readonly Lock Gate = new();

    private static nint library;

    /// <summary>
    /// Loads the first of these sonames that is installed. It stays loaded, because libxenstore has a thread of its
    /// own, and the bindings stay bound to the library that is loaded first.
    /// </summary>
    /// <exception cref="XenUnavailableException">
    /// No library is installed, or the one found lacks a function.
    /// </exception>
    public static void Load(IReadOnlyList<string> sonames)
    {
        foreach (string soname in sonames)
        {
            if (!NativeLibrary.TryLoad(soname, out nint found)) continue;
            if (!NativeLibrary.TryGetExport(found, NewestFunction, out _))
            {
                throw new XenUnavailableException(
                    XenUnavailableCause.NoXenStoreLibrary,
                    $"{soname} lacks the function {NewestFunction}; run 'apt-get install --reinstall libxenstore4'");
            }

            lock (Gate) Bind(found);
            return;
        }

        throw new XenUnavailableException(
            XenUnavailableCause.NoXenStoreLibrary,
            $"libxenstore is not installed (tried {string.Join(", ", sonames)}); run 'apt-get install libxenstore4'");
    }

    /// <summary>The soname depends on the version of Xen, so the name in the imports is not that of a file.</summary>
    private static void Bind(nint found)
    {
        if (library != 0) return;
        library = found;
        NativeLibrary.SetDllImportResolver(
            typeof(LibXenStore).Assembly, (name, _, _) => name == Name ? library : 0);
    }

    /// <summary><c>struct xs_handle *xs_open(unsigned long flags)</c></summary>
    [LibraryImport(Name, EntryPoint = "xs_open", SetLastError = true)]
    internal static partial XenStoreHandle Open(CULong flags);

    /// <summary><c>void xs_close(struct xs_handle *)</c>; for <see cref="XenStoreHandle"/> only.</summary>
    [LibraryImport(Name, EntryPoint = "xs_close")]
    internal static partial void Close(nint handle);

    /// <summary><c>const char *xs_daemon_socket(void)</c></summary>
    [LibraryImport(Name, EntryPoint = "xs_daemon_socket")]
    internal static partial byte* DaemonSocket();

    /// <summary>
    /// <c>void *xs_read(struct xs_handle *, uint32_t transaction, const char *path, unsigned *length)</c>;
    /// the caller frees the value.
    /// </summary>
    [LibraryImport(Name, EntryPoint = "xs_read", SetLastError = true)]
    internal static partial byte* Read(XenStoreHandle handle, uint transaction, byte[] path, out uint length);

    /// <summary>
    /// <c>bool xs_write(struct xs_handle *, uint32_t transaction, const char *path,
    /// const void *data, unsigned length)</c>
    /// </summary>
    [LibraryImport(Name, EntryPoint = "xs_write", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Write(XenStoreHandle handle, uint transaction, byte[] path, byte[] data, uint length);

    /// <summary>
    /// <c>bool xs_set_permissions(struct xs_handle *, uint32_t transaction, const char *path,
    /// struct xs_permissions *, unsigned count)</c>
    /// </summary>
    [LibraryImport(Name, EntryPoint = "xs_set_permissions", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool SetPermissions(
        XenStoreHandle handle, uint transaction, byte[] path, StorePermission[] permissions, uint count);

    /// <summary><c>uint32_t xs_transaction_start(struct xs_handle *)</c>; 0 on failure.</summary>
    [LibraryImport(Name, EntryPoint = "xs_transaction_start", SetLastError = true)]
    internal static partial uint StartTransaction(XenStoreHandle handle);

    /// <summary>
    /// <c>bool xs_transaction_end(struct xs_handle *, uint32_t transaction, bool abort)</c>;
    /// EAGAIN: another transaction conflicted, repeat this one from the start.
    /// </summary>
    [LibraryImport(Name, EntryPoint = "xs_transaction_end", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool EndTransaction(
        XenStoreHandle handle, uint transaction, [MarshalAs(UnmanagedType.U1)] bool abort);

    /// <summary><c>bool xs_watch(struct xs_handle *, const char *path, const char *token)</c></summary>
    [LibraryImport(Name, EntryPoint = "xs_watch", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Watch(XenStoreHandle handle, byte[] path, byte[] token);

    /// <summary><c>bool xs_unwatch(struct xs_handle *, const char *path, const char *token)</c></summary>
    [LibraryImport(Name, EntryPoint = "xs_unwatch", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Unwatch(XenStoreHandle handle, byte[] path, byte[] token);

    /// <summary>
    /// <c>char **xs_check_watch(struct xs_handle *)</c>: path and token in one block, which the caller frees;
    /// null and EAGAIN when no event is queued.
    /// </summary>
    [LibraryImport(Name, EntryPoint = "xs_check_watch", SetLastError = true)]
    internal static partial byte** CheckWatch(XenStoreHandle handle);

    /// <summary>
    /// <c>int xs_fileno(struct xs_handle *)</c>: readable while events are queued, but not when xenstored dies.
    /// </summary>
    [LibraryImport(Name, EntryPoint = "xs_fileno", SetLastError = true)]
    internal static partial int FileDescriptor(XenStoreHandle handle);
}

/// <summary><c>struct xs_handle</c>: an open connection to xenstored.</summary>
internal sealed class XenStoreHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibXenStore.Close(handle);
        return true;
    }
}

/// <summary>
/// <c>struct xs_permissions</c>. The first entry of a node's list names its owner and the access of all other domains.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct StorePermission(int domid, StoreAccess access)
{
    public readonly uint Domid = (uint)domid;

    public readonly StoreAccess Access = access;
}

/// <summary><c>enum xs_perm_type</c></summary>
internal enum StoreAccess : uint
{
    /// <summary>XS_PERM_NONE</summary>
    None = 0,

    /// <summary>XS_PERM_READ | XS_PERM_WRITE</summary>
    ReadWrite = 3,
}
