using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace XenBalloon.Posix;

/// <summary>
/// Functions of the C library that .NET does not offer: raw bindings, one for each function. The constants are those of
/// x86-64 and arm64 Linux, where Xen runs.
/// </summary>
internal static unsafe partial class Libc
{
    /// <summary>Access modes and flags of open(2).</summary>
    internal const int OpenReadOnly = 0, OpenReadWrite = 2, OpenNonBlocking = 0x800, OpenCloseOnExec = 0x80000;

    /// <summary>W_OK of access(2).</summary>
    internal const int AccessWrite = 2;

    /// <summary>EFD_CLOEXEC of eventfd(2).</summary>
    internal const int EventCloseOnExec = 0x80000;

    /// <summary>POLLIN, POLLOUT and POLLERR of poll(2).</summary>
    internal const short PollIn = 1, PollOut = 4, PollError = 8;

    /// <summary>SIGPIPE: raised by a write to a pipe without a reader.</summary>
    internal const int SignalBrokenPipe = 13;

    /// <summary>SIG_DFL and SIG_IGN of signal(2).</summary>
    internal const nint SignalDefault = 0, SignalIgnore = 1;

    /// <summary>AT_FDCWD of statx(2).</summary>
    internal const int CurrentDirectory = -100;

    /// <summary>STATX_TYPE, the size of <c>struct statx</c>, and the offset of its member <c>stx_mode</c>.</summary>
    internal const int StatxType = 1, StatxLength = 256, StatxModeAt = 28;

    /// <summary>S_IFMT and S_IFREG of <c>stx_mode</c>.</summary>
    internal const int FileTypeMask = 0xF000, RegularFile = 0x8000;

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle OpenHandle(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    internal static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollDescriptor* descriptors, CULong count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int process, int signal);

    /// <summary>Ends the process without anything that could wait.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    internal static partial void Exit(int status);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    internal static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    internal static partial int ProcessGroup();

    [LibraryImport("libc", EntryPoint = "tcgetpgrp", SetLastError = true)]
    internal static partial int ForegroundGroup(int terminal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUserId();
}
