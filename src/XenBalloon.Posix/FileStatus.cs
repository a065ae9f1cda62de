using System.Buffers.Binary;

namespace XenBalloon.Posix;

/// <summary>What a path names.</summary>
internal static class FileStatus
{
    /// <summary>
    /// Whether a path names something else than a file, for example a pipe, a device or a directory. Links are
    /// followed. False if there is nothing, or if it cannot be examined.
    /// </summary>
    internal static unsafe bool IsSpecial(string path)
    {
        byte* status = stackalloc byte[Libc.StatxLength];
        if (Libc.Statx(Libc.CurrentDirectory, path, 0, Libc.StatxType, status) != 0) return false;
        var mode = new ReadOnlySpan<byte>(status + Libc.StatxModeAt, sizeof(ushort));
        return (BinaryPrimitives.ReadUInt16LittleEndian(mode) & Libc.FileTypeMask) != Libc.RegularFile;
    }
}
