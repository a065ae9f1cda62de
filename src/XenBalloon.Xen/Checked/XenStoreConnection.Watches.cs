using System.Runtime.InteropServices;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Checked;

/// <summary>Watches.</summary>
internal sealed partial class XenStoreConnection
{
    /// <summary>A descriptor that is readable while events wait. It does not wake when xenstored dies.</summary>
    public unsafe int WatchDescriptor()
    {
        using HandleLease lease = new(handle);
        int descriptor = this.library.Watches.FileNumber(lease.Value);
        int errno = Marshal.GetLastSystemError();
        return descriptor >= 0 ? descriptor : throw StoreErrors.Exception("watch", errno);
    }

    /// <summary>Sets a watch; it fires once for its registration.</summary>
    public unsafe void Watch(StorePath path, StorePath token)
    {
        using HandleLease lease = new(handle);
        fixed (byte* nativePath = path.Terminated)
        fixed (byte* nativeToken = token.Terminated)
        {
            bool done = this.library.Watches.Watch(lease.Value, nativePath, nativeToken) != 0;
            int errno = Marshal.GetLastSystemError();
            if (!done) throw StoreErrors.Exception($"watch {path}", errno);
        }
    }

    /// <summary>Takes a watch away; that there is none is no error. Events already on their way still come.</summary>
    public unsafe void Unwatch(StorePath path, StorePath token)
    {
        using HandleLease lease = new(handle);
        fixed (byte* nativePath = path.Terminated)
        fixed (byte* nativeToken = token.Terminated)
        {
            bool done = this.library.Watches.Unwatch(lease.Value, nativePath, nativeToken) != 0;
            int errno = Marshal.GetLastSystemError();
            if (!done && StoreErrors.Of(errno) != StoreError.Missing) throw StoreErrors.Exception($"unwatch {path}", errno);
        }
    }

    /// <summary>Takes the next event, without waiting.</summary>
    /// <returns>False when none waits.</returns>
    public unsafe bool TryTakeEvent(out WatchEvent taken)
    {
        using HandleLease lease = new(handle);
        byte** block = this.library.Watches.Check(lease.Value);
        int errno = Marshal.GetLastSystemError();
        taken = new WatchEvent(block);
        if (block != null) return true;

        // EINVAL is what the library says when its reader thread has ended: here, unlike for a request, it means that xenstored died.
        return errno == Errno.Again ? false : throw StoreErrors.Lost(errno);
    }
}
