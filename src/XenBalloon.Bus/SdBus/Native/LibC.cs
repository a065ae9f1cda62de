using System.Runtime.InteropServices;

namespace XenBalloon.Bus.SdBus.Native;

/// <summary>What a loop over descriptors needs of the C library, and who we are.</summary>
internal static unsafe partial class LibC
{
    internal const short PollIn = 1;
    internal const int EventFdNonBlocking = 0x800;
    internal const int EventFdCloseOnExec = 0x80000;
    internal const int SigBlock = 0, SigSetMask = 2;
    internal const int SigSetWords = 16;

    private const string Library = "libc";

    [LibraryImport(Library)]
    internal static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial EventFdHandle eventfd(uint initial, int flags);

    [LibraryImport(Library)]
    internal static partial nint read(EventFdHandle descriptor, void* buffer, nuint count);

    [LibraryImport(Library)]
    internal static partial nint write(EventFdHandle descriptor, void* buffer, nuint count);

    /// <summary>Changes which signals this thread takes. A set is 1024 bits; null for none to be read, or none to be told.</summary>
    [LibraryImport(Library)]
    internal static partial int pthread_sigmask(int how, ulong* set, ulong* before);

    [LibraryImport(Library)]
    internal static partial uint geteuid();

    [LibraryImport(Library)]
    internal static partial int close(nint descriptor);
}
