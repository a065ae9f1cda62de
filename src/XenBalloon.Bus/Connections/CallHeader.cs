using System.Buffers.Binary;
using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Connections;

/// <summary>What decides whether a call is served, or a signal received; read from the bytes of its header.</summary>
internal readonly ref struct CallHeader
{
    /// <summary>The part of a header whose length is fixed, by the D-Bus specification.</summary>
    internal const int FixedBytes = 16;

    private const byte InterfaceField = 2, MemberField = 3, SenderField = 7;

    private CallHeader(
        ReadOnlySpan<byte> sender, ReadOnlySpan<byte> interfaceName, ReadOnlySpan<byte> member, uint serial, byte flags)
    {
        Sender = sender;
        Interface = interfaceName;
        Member = member;
        Serial = serial;
        IsReplyExpected = ((MessageFlags)flags & MessageFlags.NoReplyExpected) == 0;
    }

    /// <summary>The sender's unique name, or the name of the bus.</summary>
    internal ReadOnlySpan<byte> Sender { get; }

    /// <summary>The interface; empty if the caller did not name one.</summary>
    internal ReadOnlySpan<byte> Interface { get; }

    /// <summary>The member.</summary>
    internal ReadOnlySpan<byte> Member { get; }

    /// <summary>The call's serial.</summary>
    internal uint Serial { get; }

    /// <summary>Whether the caller waits for a reply.</summary>
    internal bool IsReplyExpected { get; }

    /// <summary>Reads a header, which the bus has checked.</summary>
    /// <returns>Whether it has only fields of the types that D-Bus defines.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> header, out CallHeader call)
    {
        call = default;
        bool isLittleEndian = header[0] == (byte)'l';
        ReadOnlySpan<byte> sender = default, interfaceName = default, member = default;
        int end = FixedBytes + (int)ReadNumber(header[12..], isLittleEndian);
        for (int at = FixedBytes; at < end;)
        {
            at = Align(at, 8);
            byte code = header[at], type = header[at + 2];
            if (header[at + 1] != 1) return false;
            at += 4;
            int length;
            switch ((char)type)
            {
                case 's' or 'o':
                    at = Align(at, sizeof(uint)) + sizeof(uint);
                    length = (int)ReadNumber(header[(at - sizeof(uint))..], isLittleEndian);
                    break;
                case 'g':
                    length = header[at++];
                    break;
                case 'u':
                    at = Align(at, sizeof(uint)) + sizeof(uint);
                    continue;
                default:
                    return false;
            }

            ReadOnlySpan<byte> text = header.Slice(at, length);
            at += length + 1; // and its NUL
            if (code == InterfaceField) interfaceName = text;
            else if (code == MemberField) member = text;
            else if (code == SenderField) sender = text;
        }

        call = new CallHeader(sender, interfaceName, member, ReadNumber(header[8..], isLittleEndian), header[2]);
        return true;
    }

    /// <summary>Reads a number of the header.</summary>
    internal static uint ReadNumber(ReadOnlySpan<byte> bytes, bool isLittleEndian) => isLittleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(bytes)
        : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static int Align(int offset, int alignment) => (offset + alignment - 1) & -alignment;
}
