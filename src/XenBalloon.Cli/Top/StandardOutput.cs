using System.Runtime.InteropServices;

namespace XenBalloon.Cli.Top;

/// <summary>
/// Whether standard output still has a reader. The runtime ignores SIGPIPE and Console ignores EPIPE, so that <c>top -b | head</c> would otherwise
/// write to nobody for ever.
/// </summary>
internal static partial class StandardOutput
{
    private const short Error = 8;

    internal static unsafe bool HasNoReader()
    {
        var descriptor = new Descriptor { Number = 1 };
        return Poll(&descriptor, 1, 0) > 0 && (descriptor.Returned & Error) != 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(Descriptor* descriptors, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Descriptor
    {
        internal int Number;
        internal short Events;
        internal short Returned;
    }
}
