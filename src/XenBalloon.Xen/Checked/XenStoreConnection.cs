using System.Runtime.InteropServices;
using System.Text;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Checked;

/// <summary>
/// libxenstore's calls with their errors checked and their memory owned. Requests may come from any thread: the library lets one through at a time.
/// </summary>
internal sealed partial class XenStoreConnection : IDisposable
{
    /// <summary>xenstore's own limit on a payload. A daemon that sends more is broken; we keep this much of it.</summary>
    private const int LongestValue = 4096;

    private readonly XenStoreLibrary library;
    private readonly XenStoreHandle handle;

    private XenStoreConnection(XenStoreLibrary library, XenStoreHandle handle)
    {
        this.library = library;
        this.handle = handle;
    }

    /// <summary>Connects to xenstored.</summary>
    /// <exception cref="XenUnavailableException">xenstored does not answer.</exception>
    public static unsafe XenStoreConnection Open(XenStoreLibrary library)
    {
        nint connection = library.Connections.Open(default);
        if (connection != 0) return new XenStoreConnection(library, new XenStoreHandle(library, connection));
        int errno = Marshal.GetLastSystemError();
        string socket = Marshal.PtrToStringUTF8((nint)library.Connections.DaemonSocket()) ?? "its socket";
        throw new XenUnavailableException(
            XenUnavailableCause.NoXenStore,
            $"xenstored does not answer on {socket}: {Errno.Describe(errno)}; start it (service xen start, or systemctl start xenstored) and run as root");
    }

    /// <summary>Reads a node.</summary>
    /// <param name="transaction">The transaction to read in; 0 for none.</param>
    /// <param name="path">The node.</param>
    /// <returns>Its value, with what is not UTF-8 replaced; null when there is no such node.</returns>
    public unsafe string? Read(uint transaction, StorePath path)
    {
        using HandleLease lease = new(this.handle);
        uint length;
        byte* data;
        int errno;
        fixed (byte* native = path.Terminated)
        {
            data = this.library.Values.Read(lease.Value, transaction, native, &length);
            errno = Marshal.GetLastSystemError();
        }

        if (data == null) return StoreErrors.Of(errno) == StoreError.Missing ? null : throw StoreErrors.Exception($"read {path}", errno);
        try
        {
            return Encoding.UTF8.GetString(data, (int)Math.Min(length, LongestValue));
        }
        finally
        {
            NativeMemory.Free(data);
        }
    }

    /// <summary>Writes a node, and makes it and its parents where there are none.</summary>
    public unsafe void Write(uint transaction, StorePath path, string value)
    {
        using HandleLease lease = new(this.handle);
        byte[] data = Encoding.ASCII.GetBytes(value);
        fixed (byte* native = path.Terminated)
        fixed (byte* bytes = data)
        {
            bool written = this.library.Values.Write(lease.Value, transaction, native, bytes, (uint)data.Length) != 0;
            int errno = Marshal.GetLastSystemError();
            if (!written) throw StoreErrors.Exception($"write {path}", errno);
        }
    }

    /// <summary>Makes a node dom0's own, which one domain may read and write and others may not see.</summary>
    public unsafe void LetWrite(uint transaction, StorePath path, int domid)
    {
        ReadOnlySpan<StorePermission> permissions = [new StorePermission(0, StoreAccess.None), new StorePermission(domid, StoreAccess.ReadWrite)];
        using HandleLease lease = new(this.handle);
        fixed (byte* native = path.Terminated)
        fixed (StorePermission* first = permissions)
        {
            bool set = this.library.Values.SetPermissions(lease.Value, transaction, native, first, (uint)permissions.Length) != 0;
            int errno = Marshal.GetLastSystemError();
            if (!set) throw StoreErrors.Exception($"set the permissions of {path}", errno);
        }
    }

    /// <summary>Removes a node and all below it.</summary>
    /// <returns>Whether there was one.</returns>
    public unsafe bool Remove(uint transaction, StorePath path)
    {
        using HandleLease lease = new(this.handle);
        fixed (byte* native = path.Terminated)
        {
            bool removed = this.library.Values.Remove(lease.Value, transaction, native) != 0;
            int errno = Marshal.GetLastSystemError();
            if (!removed && StoreErrors.Of(errno) != StoreError.Missing) throw StoreErrors.Exception($"remove {path}", errno);
            return removed;
        }
    }

    /// <summary>
    /// Never closes a connection that was lost: after xenstored's death libxenstore may close a descriptor twice, which by then can be anyone's.
    /// </summary>
    public void Abandon() => this.handle.SetHandleAsInvalid();

    /// <inheritdoc/>
    public void Dispose() => this.handle.Dispose();
}
