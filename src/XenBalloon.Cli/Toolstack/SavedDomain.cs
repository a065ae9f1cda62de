using System.Buffers.Binary;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// Reads the configuration at the start of a domain that xl saved or sends to another host: a header of 48 bytes (xl.h,
/// <c>struct save_file_header</c>), then optional data, which is the length of the configuration and the configuration.
/// </summary>
internal static class SavedDomain
{
    private const int HeaderLength = 48, MagicLength = 32, LengthLength = 4;

    /// <summary>XL_MANDATORY_FLAG_JSON, which xl sets since Xen 4.5.</summary>
    private const uint IsJson = 1;

    /// <summary>Longer than any configuration; a larger length means that the file is not a saved domain.</summary>
    private const uint LongestConfiguration = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "Xen saved domain, xl format\n \0 \r"u8;

    /// <summary>Reads the configuration.</summary>
    /// <param name="stream">The saved domain; its position moves past the configuration.</param>
    /// <param name="source">The name of the saved domain, for messages.</param>
    /// <param name="read">Receives all bytes that were read, also when the method fails.</param>
    /// <exception cref="ToolstackException">This is not a saved domain, or it has no configuration.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    internal static DomainConfiguration Read(Stream stream, string source, MemoryStream read)
    {
        ReadOnlySpan<byte> header = Take(stream, HeaderLength, read).Span;
        if (header.Length < HeaderLength || !header[..Magic.Length].SequenceEqual(Magic))
        {
            throw new ToolstackException($"{source} is not a domain saved by xl");
        }

        uint flags = Number(header, MagicLength + 4), length = Number(header, MagicLength + 12);
        if (length <= LengthLength || length > LongestConfiguration)
        {
            throw new ToolstackException($"{source} contains no configuration");
        }

        ReadOnlyMemory<byte> optional = Take(stream, (int)length, read);
        uint configured = optional.Length < LengthLength ? uint.MaxValue : Number(optional.Span, 0);
        if (configured > optional.Length - LengthLength)
        {
            throw new ToolstackException($"{source} ends in the middle of its configuration");
        }

        if ((flags & IsJson) == 0)
        {
            throw new ToolstackException($"{source} was saved by an xl older than Xen 4.5, which is not supported");
        }

        return LibxlConfiguration.Read(optional.Slice(LengthLength, (int)configured).TrimEnd((byte)0), source);
    }

    private static ReadOnlyMemory<byte> Take(Stream stream, int length, MemoryStream read)
    {
        byte[] taken = new byte[length];
        int got = stream.ReadAtLeast(taken, length, throwOnEndOfStream: false);
        read.Write(taken, 0, got);
        return taken.AsMemory(0, got);
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
