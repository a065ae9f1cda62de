using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>poll(2).</summary>
internal static partial class Posix
{
    /// <summary>Data can be read.</summary>
    internal const short PollIn = 1;

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static unsafe partial int Poll(PollDescriptor* descriptors, CULong count, int milliseconds);
}
