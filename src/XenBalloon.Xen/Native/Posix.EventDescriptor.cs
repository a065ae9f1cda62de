using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Native;

/// <summary>eventfd(2).</summary>
internal static partial class Posix
{
    /// <summary>EFD_CLOEXEC, the same as O_CLOEXEC on x86-64 and arm64.</summary>
    internal const int CloseOnExec = 0x80000;

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static unsafe partial nint Write(int descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);
}
