using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using XenBalloon.Posix;

namespace XenBalloon.Daemon.State;

/// <summary>
/// Writes the whole file: beside it first, flushed to the disk, then put in its place, so that after a crash at any
/// moment there is the old or the new one. Makes the directory where there is none: only systemd does that for us.
/// </summary>
internal static class StateWriter
{
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It cannot be written; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal static void Write(string path, StateFile state)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        MakeDirectory(directory);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.StateFile);
        string beside = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = ForOwner,
        };
        using (var file = new FileStream(beside, options))
        {
            file.Write(text);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        FlushDirectory(directory);
    }

    private static void MakeDirectory(string directory)
    {
        if (Directory.Exists(directory)) return;
        Directory.CreateDirectory(directory, ForOwner | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(directory) is { } parent) FlushDirectory(parent);
    }

    /// <summary>Without this a file's new name may not outlive a power failure.</summary>
    private static void FlushDirectory(string path)
    {
        using SafeFileHandle handle = Libc.OpenHandle(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (!handle.IsInvalid && Libc.Sync(handle) == 0) return;
        throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }
}
