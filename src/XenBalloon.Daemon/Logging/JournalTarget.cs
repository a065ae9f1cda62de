using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NLog;
using NLog.Targets;
using XenBalloon.Posix;

namespace XenBalloon.Daemon.Logging;

/// <summary>
/// Sends entries with their fields to the systemd journal, in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL):
/// one datagram an entry. An entry that the journal does not accept goes to standard error, with its syslog priority in
/// angle brackets.
/// </summary>
internal sealed class JournalTarget(string socketPath, TextWriter standardError) : Target
{
    /// <summary>The journal's socket.</summary>
    internal const string DefaultSocketPath = "/run/systemd/journal/socket";

    /// <summary>
    /// systemd sets this to device:inode of the journal's stream. A program whose stderr was redirected inherits it
    /// too.
    /// </summary>
    private const string StreamVariable = "JOURNAL_STREAM";

    private const string Prefix = "XENBALLOON_";

    /// <summary>The limits of a value in bytes: one datagram may be some 200 KiB (net.core.wmem_default).</summary>
    private const int MaxValue = 32 << 10, MaxTruncatedValue = 2 << 10;

    /// <summary>A journal that does not read must not stop the balancing.</summary>
    private const int SendTimeoutMilliseconds = 1000;

    private readonly UnixDomainSocketEndPoint address = new(socketPath);
    private Socket? socket;

    /// <summary>Whether standard error is connected to the journal.</summary>
    internal static bool IsStandardError =>
        IsJournal(Environment.GetEnvironmentVariable(StreamVariable), descriptor: 2);

    /// <summary>Whether the value of JOURNAL_STREAM identifies the file that a descriptor is open on.</summary>
    internal static unsafe bool IsJournal(string? stream, int descriptor)
    {
        // AT_EMPTY_PATH, STATX_INO and the places of stx_ino, stx_dev_major and stx_dev_minor in struct statx.
        const int EmptyPath = 0x1000, Inode = 0x100, InodeAt = 32, MajorAt = 136, MinorAt = 140;
        if (stream?.Split(':') is not [var deviceText, var inodeText]) return false;
        byte* status = stackalloc byte[Libc.StatxLength];
        if (Libc.Statx(descriptor, "", EmptyPath, Inode, status) != 0) return false;
        ulong inode = *(ulong*)(status + InodeAt);
        ulong major = *(uint*)(status + MajorAt), minor = *(uint*)(status + MinorAt);

        // makedev(3), as systemd writes st_dev.
        ulong device = ((major & 0xfffff000) << 32) | ((major & 0xfff) << 8)
            | ((minor & 0xffffff00) << 12) | (minor & 0xff);
        return Is(deviceText, device) && Is(inodeText, inode);
    }

    /// <inheritdoc/>
    protected override void Write(LogEventInfo logEvent)
    {
        try
        {
            Send(logEvent);
        }
        catch (SocketException)
        {
            // journald may be restarting: the next entry tries the socket again.
            CloseSocket();
            string prefix = $"<{Priority(logEvent.Level)}>";
            standardError.WriteLine(prefix + LogSetup.Text(logEvent).ReplaceLineEndings($"\n{prefix}"));
        }
    }

    /// <inheritdoc/>
    protected override void CloseTarget()
    {
        CloseSocket();
        base.CloseTarget();
    }

    private static bool Is(string text, ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong parsed) && parsed == number;

    private void Send(LogEventInfo entry)
    {
        socket ??= new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
        {
            SendTimeout = SendTimeoutMilliseconds,
        };
        try
        {
            socket.SendTo(Encode(entry, MaxValue), address);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
        {
            socket.SendTo(Encode(entry, MaxTruncatedValue), address);
        }
    }

    private static byte[] Encode(LogEventInfo entry, int maxValue)
    {
        using var datagram = new MemoryStream();
        void Add(string name, string value) => Append(datagram, name, value, maxValue);

        Add("MESSAGE", LogSetup.Text(entry));
        Add("PRIORITY", Priority(entry.Level));
        Add("SYSLOG_IDENTIFIER", LogSetup.Identifier);
        foreach ((object key, object? value) in entry.Properties)
        {
            string name = key switch
            {
                "EventId" => Prefix + "EVENT_ID",
                "EventName" => Prefix + "EVENT",
                _ => Prefix + FieldName(Convert.ToString(key, CultureInfo.InvariantCulture) ?? ""),
            };
            Add(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }

        return datagram.ToArray();
    }

    /// <summary>A value with a line break follows its length, 64 bits little-endian, instead of "=".</summary>
    private static void Append(MemoryStream datagram, string name, string value, int maxValue)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        int length = bytes.Length;
        if (length > maxValue)
        {
            length = maxValue;
            while ((bytes[length] & 0xC0) == 0x80) length--; // not within a character
        }

        datagram.Write(Encoding.ASCII.GetBytes(name));
        if (bytes.AsSpan(0, length).Contains((byte)'\n'))
        {
            Span<byte> prefix = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)length);
            datagram.WriteByte((byte)'\n');
            datagram.Write(prefix);
        }
        else
        {
            datagram.WriteByte((byte)'=');
        }

        datagram.Write(bytes, 0, length);
        datagram.WriteByte((byte)'\n');
    }

    /// <summary>Journal fields have upper case, digits and underscores: RenameError becomes RENAME_ERROR.</summary>
    private static string FieldName(string parameter)
    {
        var name = new StringBuilder();
        foreach (char letter in parameter)
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0) name.Append('_');
            name.Append(char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_');
        }

        return name.ToString();
    }

    private static string Priority(LogLevel level) =>
        level == LogLevel.Debug ? "7" : level == LogLevel.Info ? "6" : level == LogLevel.Warn ? "4" : "3";

    private void CloseSocket()
    {
        socket?.Dispose();
        socket = null;
    }
}
