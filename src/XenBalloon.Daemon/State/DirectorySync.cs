using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace XenBalloon.Daemon.State;

/// <summary>Flushes a directory, without which a file's new name may not outlive a power failure.</summary>
internal static partial class DirectorySync
{
    /// <summary>O_RDONLY | O_CLOEXEC, which are the same on all machines that Xen runs on.</summary>
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <exception cref="IOException">The disk does not take it.</exception>
    internal static void Flush(string path)
    {
        using SafeFileHandle handle = Open(path, ReadOnlyCloseOnExec);
        if (handle.IsInvalid || Sync(handle) != 0) throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);
}
