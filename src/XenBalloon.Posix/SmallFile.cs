using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace XenBalloon.Posix;

/// <summary>
/// Reads a file that should be small and may be anything: opening or reading a pipe may wait for ever, a device may
/// never end, and some files of /proc (kmsg) do both. The file is read although another process locks it: anyone may
/// lock a file that anyone may read, and .NET's own methods refuse to read a locked file.
/// </summary>
internal static class SmallFile
{
    private const int BufferBytes = 4096, LargestText = 1 << 20;

    /// <summary>Reads a text of at most 1 MiB.</summary>
    /// <inheritdoc cref="Read"/>
    internal static string ReadText(string path) => Encoding.UTF8.GetString(Read(path, LargestText));

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Its largest size.</param>
    /// <exception cref="FileNotFoundException">There is none; or <see cref="DirectoryNotFoundException"/>.</exception>
    /// <exception cref="IOException">It is not a file, is too large, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    internal static byte[] Read(string path, int maxBytes)
    {
        if (FileStatus.IsSpecial(path)) throw new IOException("it is not a file");
        using var file = new FileStream(Open(path), FileAccess.Read, bufferSize: 0);
        using var content = new MemoryStream();
        Span<byte> buffer = stackalloc byte[BufferBytes];
        while (file.Length <= maxBytes && content.Length <= maxBytes)
        {
            if (!IsReadable(file)) throw new IOException("it does not end");
            int read = file.Read(buffer);
            if (read == 0) return content.ToArray();
            content.Write(buffer[..read]);
        }

        throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it is larger than {maxBytes >> 20} MiB"));
    }

    private static SafeFileHandle Open(string path)
    {
        SafeFileHandle handle = Libc.OpenHandle(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec | Libc.OpenNonBlocking);
        if (!handle.IsInvalid) return handle;
        int errno = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw errno switch
        {
            Errno.NoEntry or Errno.NotDirectory => new FileNotFoundException($"Could not find file '{path}'.", path),
            Errno.AccessDenied or Errno.NotPermitted =>
                new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
            _ => new IOException($"{path}: {Errno.Describe(errno)}"),
        };
    }

    /// <summary>Whether a read would not wait; it never does in a file of a file system.</summary>
    private static unsafe bool IsReadable(FileStream file)
    {
        Libc.PollDescriptor polled = new()
        {
            Descriptor = (int)file.SafeFileHandle.DangerousGetHandle(),
            Events = Libc.PollIn,
        };
        return Libc.Poll(&polled, new CULong(1), 0) == 1;
    }
}
