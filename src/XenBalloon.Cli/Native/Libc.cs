using System.Runtime.InteropServices;

namespace XenBalloon.Cli.Native;

/// <summary>What the C library has and the runtime does not. Numbers as Linux has them on every machine that Xen runs on.</summary>
internal static unsafe partial class Libc
{
    internal const int BrokenPipe = 13;
    internal const nint Default = 0, Ignore = 1;
    internal const int CurrentDirectory = -100;
    internal const uint StatxType = 1;
    internal const int StatxLength = 256, StatxModeAt = 28;
    internal const int TypeMask = 0xF000, RegularFile = 0x8000;

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    internal static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    internal static partial int ProcessGroup();

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    internal static partial int ForegroundGroup(int terminal);

    [LibraryImport("libc", EntryPoint = "dup")]
    internal static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);
}
