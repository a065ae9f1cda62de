using XenBalloon.Core.Hosts;
using XenBalloon.Posix;

namespace XenBalloon.Xen.Native;

/// <summary>
/// The meaning of libxenstore's errno values. xenstored and oxenstored agree only on those distinguished here.
/// </summary>
internal static class StoreErrors
{
    /// <summary>Whether the node, or the watch, does not exist.</summary>
    public static bool IsMissing(int errno) => errno == Errno.NoEntry;

    /// <summary>Whether a transaction conflicted with another one.</summary>
    public static bool IsConflict(int errno) => errno == Errno.Again;

    /// <summary>The exception for a failed request.</summary>
    public static Exception For(string request, int errno) => errno switch
    {
        Errno.BadDescriptor or Errno.BrokenPipe or Errno.ConnectionReset => Lost(errno),
        _ => new XenStoreException($"xenstored refused to {request}: {Errno.Describe(errno)}"),
    };

    /// <summary>The exception for a lost connection.</summary>
    public static HostLostException Lost(int errno) =>
        new($"lost the connection to xenstored: {Errno.Describe(errno)}");
}

/// <summary>xenstored answered a request with an error that the caller does not handle.</summary>
internal sealed class XenStoreException(string message) : Exception(message);
