using System.Runtime.InteropServices;
using System.Text;
using XenBalloon.Core.Hosts;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Native;

/// <summary>
/// A connection to xenstored: the calls of libxenstore, with errors checked and memory owned. Any thread may call;
/// libxenstore serializes the requests.
/// </summary>
/// <remarks>
/// Every method throws <see cref="HostLostException"/> when xenstored has died, and <see cref="XenStoreException"/>
/// when it refuses the request.
/// </remarks>
internal sealed unsafe class XenStoreConnection : IDisposable
{
    /// <summary>XENSTORE_PAYLOAD_MAX. Only a broken xenstored sends more; the rest is ignored.</summary>
    private const int LongestValue = 4096;

    private readonly XenStoreHandle handle;

    private XenStoreConnection(XenStoreHandle handle) => this.handle = handle;

    /// <summary>Connects to xenstored through the library that <see cref="LibXenStore.Load"/> has loaded.</summary>
    /// <exception cref="XenUnavailableException">xenstored does not answer.</exception>
    public static XenStoreConnection Open()
    {
        XenStoreHandle handle = LibXenStore.Open(default);
        if (!handle.IsInvalid) return new XenStoreConnection(handle);
        string error = Errno.Describe(Marshal.GetLastPInvokeError());
        string socket = Marshal.PtrToStringUTF8((nint)LibXenStore.DaemonSocket()) ?? "its socket";
        handle.Dispose();
        throw new XenUnavailableException(
            XenUnavailableCause.NoXenStore,
            $"cannot connect to xenstored at {socket}: {error}; run as root, "
            + "and if xenstored is not running, start it: 'systemctl start xenstored' or 'service xen start'");
    }

    /// <summary>Reads a node.</summary>
    /// <param name="transaction">The transaction to read in; 0 for none.</param>
    /// <param name="path">The node.</param>
    /// <returns>Its value, with invalid UTF-8 replaced; null when the node does not exist.</returns>
    public string? Read(uint transaction, StoreString path)
    {
        byte* data = Fetch(transaction, path, out int length);
        if (data == null) return null;
        try
        {
            return Encoding.UTF8.GetString(data, length);
        }
        finally
        {
            NativeMemory.Free(data);
        }
    }

    /// <summary>Reads a node.</summary>
    /// <param name="transaction">The transaction to read in; 0 for none.</param>
    /// <param name="path">The node.</param>
    /// <param name="buffer">Receives its value, or as much of it as fits.</param>
    /// <returns>The number of bytes received; null when the node does not exist.</returns>
    public int? Read(uint transaction, StoreString path, Span<byte> buffer)
    {
        byte* data = Fetch(transaction, path, out int length);
        if (data == null) return null;
        length = Math.Min(length, buffer.Length);
        new ReadOnlySpan<byte>(data, length).CopyTo(buffer);
        NativeMemory.Free(data);
        return length;
    }

    /// <summary>Writes a node. Creates it and its parents if they do not exist.</summary>
    public void Write(uint transaction, StoreString path, string value)
    {
        byte[] data = Encoding.ASCII.GetBytes(value);
        if (!LibXenStore.Write(this.handle, transaction, path.Terminated, data, (uint)data.Length))
            throw Failure($"write {path}");
    }

    /// <summary>
    /// Makes dom0 the owner of a node that one domain may read and write and all others may not access.
    /// </summary>
    public void GrantAccess(uint transaction, StoreString path, int domid)
    {
        StorePermission[] permissions = [new(0, StoreAccess.None), new(domid, StoreAccess.ReadWrite)];
        if (!LibXenStore.SetPermissions(
            this.handle, transaction, path.Terminated, permissions, (uint)permissions.Length))
        {
            throw Failure($"set the permissions of {path}");
        }
    }

    /// <summary>Starts a transaction.</summary>
    public uint StartTransaction()
    {
        uint transaction = LibXenStore.StartTransaction(this.handle);
        return transaction != 0 ? transaction : throw Failure("start a transaction");
    }

    /// <summary>Ends a transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="abort">Whether to discard its writes.</param>
    /// <returns>False when it conflicted with another one: the caller repeats it from the start.</returns>
    public bool EndTransaction(uint transaction, bool abort)
    {
        bool ended = LibXenStore.EndTransaction(this.handle, transaction, abort);
        return ended || StoreErrors.IsConflict(LastError) ? ended : throw Failure("end a transaction");
    }

    /// <summary>Sets a watch. It fires once when it is set.</summary>
    public void Watch(StoreString path, StoreString token)
    {
        if (!LibXenStore.Watch(this.handle, path.Terminated, token.Terminated)) throw Failure($"watch {path}");
    }

    /// <summary>Removes a watch, if it is set. Events that are already queued still arrive.</summary>
    public void Unwatch(StoreString path, StoreString token)
    {
        bool removed = LibXenStore.Unwatch(this.handle, path.Terminated, token.Terminated);
        if (!removed && !StoreErrors.IsMissing(LastError)) throw Failure($"unwatch {path}");
    }

    /// <summary>A descriptor that is readable while events are queued. It does not wake when xenstored dies.</summary>
    public int WatchDescriptor()
    {
        int descriptor = LibXenStore.FileDescriptor(this.handle);
        return descriptor >= 0 ? descriptor : throw Failure("get the descriptor of the watches");
    }

    /// <summary>Takes the next event from the queue, without waiting.</summary>
    /// <returns>False when the queue is empty.</returns>
    public bool TryTakeEvent(out WatchEvent taken)
    {
        byte** block = LibXenStore.CheckWatch(this.handle);
        taken = new WatchEvent(block);
        if (block != null) return true;

        // EINVAL: the library's reader thread has ended. Here, unlike in a request, it means that xenstored died.
        return LastError == Errno.Again ? false : throw StoreErrors.Lost(LastError);
    }

    /// <summary>
    /// Leaves the connection open for the rest of the process. Required once xenstored has died: libxenstore may then
    /// close a descriptor twice, and the number can belong to another file by that time.
    /// </summary>
    public void Abandon() => this.handle.SetHandleAsInvalid();

    /// <inheritdoc/>
    public void Dispose() => this.handle.Dispose();

    /// <summary>Gets a value, to be freed by the caller; null when the node does not exist.</summary>
    private byte* Fetch(uint transaction, StoreString path, out int length)
    {
        byte* data = LibXenStore.Read(this.handle, transaction, path.Terminated, out uint size);
        if (data == null && !StoreErrors.IsMissing(LastError)) throw Failure($"read {path}");
        length = (int)Math.Min(size, LongestValue);
        return data;
    }

    private static int LastError => Marshal.GetLastPInvokeError();

    private static Exception Failure(string request) => StoreErrors.For(request, LastError);
}

/// <summary>
/// A path or a token as libxenstore takes it: NUL-terminated bytes, encoded once. Built from constants and domids,
/// never from anything that a guest wrote.
/// </summary>
internal sealed class StoreString(string text)
{
    /// <summary>With the NUL, for calls.</summary>
    public byte[] Terminated { get; } = Encoding.ASCII.GetBytes(text + '\0');

    /// <summary>Without the NUL, for comparison.</summary>
    public ReadOnlySpan<byte> Bytes => Terminated.AsSpan(0, Terminated.Length - 1);

    /// <inheritdoc/>
    public override string ToString() => Encoding.ASCII.GetString(Bytes);
}

/// <summary>
/// One event of a watch. Its text is in libxenstore's memory until disposed, so that a flood of events allocates
/// nothing here.
/// </summary>
internal readonly unsafe ref struct WatchEvent(byte** block)
{
    /// <summary>The changed node: the watched node or one below it.</summary>
    public ReadOnlySpan<byte> Path => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(block[0]);

    /// <summary>The token of the watch.</summary>
    public ReadOnlySpan<byte> Token => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(block[1]);

    /// <summary>Frees the event.</summary>
    public void Dispose() => NativeMemory.Free(block);
}
