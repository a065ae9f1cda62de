using System.Buffers.Binary;
using XenBalloon.Posix;

namespace XenBalloon.Cli.Running;

/// <summary>What kind of file there is.</summary>
internal static class FileKind
{
    /// <summary>Whether there is something that is no ordinary file: a pipe, a device, a directory.</summary>
    internal static unsafe bool IsSpecial(string path)
    {
        byte* status = stackalloc byte[Libc.StatxLength];
        if (Libc.Statx(Libc.CurrentDirectory, path, 0, Libc.StatxType, status) != 0) return false;
        return (BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(status + Libc.StatxModeAt, sizeof(ushort))) & Libc.FileTypeMask) != Libc.RegularFile;
    }
}
