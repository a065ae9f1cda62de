using System.Runtime.InteropServices;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Top;

/// <summary>
/// Whether standard output still has a reader. The runtime ignores SIGPIPE and Console ignores EPIPE, so that <c>top -b | head</c> would otherwise
/// write to nobody for ever.
/// </summary>
internal static class StandardOutput
{
    internal static unsafe bool HasNoReader()
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = 1 };
        return Libc.Poll(&descriptor, new CULong(1), 0) > 0 && (descriptor.Returned & Libc.PollError) != 0;
    }
}
