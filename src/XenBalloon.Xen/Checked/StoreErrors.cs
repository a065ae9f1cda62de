using XenBalloon.Core.Hosts;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Checked;

/// <summary>The one place where libxenstore's errno gets its meaning.</summary>
internal static class StoreErrors
{
    /// <summary>What the errno of a request means.</summary>
    public static StoreError Of(int errno) => errno switch
    {
        Errno.NoEntry => StoreError.Missing,
        Errno.AccessDenied => StoreError.Denied,
        Errno.Again => StoreError.Conflict,
        Errno.BadDescriptor or Errno.BrokenPipe or Errno.ConnectionReset => StoreError.ConnectionLost,
        _ => StoreError.Other,
    };

    /// <summary>The exception for a failed request.</summary>
    public static Exception Exception(string request, int errno) => Of(errno) == StoreError.ConnectionLost
        ? Lost(errno)
        : new XenStoreException(Of(errno), $"xenstore: {request}: {Errno.Describe(errno)}");

    /// <summary>The exception for a dead connection.</summary>
    public static HostLostException Lost(int errno) => new($"the connection to xenstored is lost: {Errno.Describe(errno)}");
}
