using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A guest at its own xenstore ring, with a guest's permissions and quotas.</summary>
internal sealed class GuestRing(StubDaemon daemon, int domid) : IDisposable
{
    private const int HeaderLength = 16;

    // enum xsd_sockmsg_type of xs_wire.h
    private const uint ReadType = 2, WriteType = 11, RemoveType = 13, SetPermissionsType = 14;
    private const uint WatchEventType = 15, ErrorType = 16;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly RingPage page = new(daemon, domid);
    private uint sent;

    /// <summary>Writes a node; paths are relative to the guest's home.</summary>
    /// <returns>The name of the error; null on success.</returns>
    public string? Write(string path, string value) => Write(path, Encoding.Latin1.GetBytes(value));

    /// <summary>Writes a node with any bytes.</summary>
    public string? Write(string path, byte[] value) =>
        Error(Request(WriteType, [.. Encoding.ASCII.GetBytes(path + '\0'), .. value]));

    /// <summary>Removes a node.</summary>
    public string? Remove(string path) => Error(Request(RemoveType, Encoding.ASCII.GetBytes(path + '\0')));

    /// <summary>Sets the permissions of a node, in xenstore's notation: n0, r5.</summary>
    public string? SetPermissions(string path, params string[] permissions)
    {
        string list = string.Concat(permissions.Select(permission => permission + '\0'));
        return Error(Request(SetPermissionsType, Encoding.ASCII.GetBytes($"{path}\0{list}")));
    }

    /// <summary>Reads a node.</summary>
    public string Read(string path)
    {
        (uint type, byte[] body) = Request(ReadType, Encoding.ASCII.GetBytes(path + '\0'));
        return type == ErrorType ? $"error {Text(body)}" : Text(body);
    }

    /// <summary>Writes a report as XenServer's agent does, in its order.</summary>
    public void Report(long totalKiB, long availableKiB)
    {
        Assert.That(Write("data/meminfo_total", $"{totalKiB}"), Is.Null);
        Assert.That(Write("data/meminfo_free", $"{availableKiB}"), Is.Null);
    }

    /// <summary>Lets another program be the guest, through a socket; no request may be made here meanwhile.</summary>
    public GuestSocket Serve(string socket) => new(page, socket);

    /// <inheritdoc/>
    public void Dispose() => page.Dispose();

    private static string? Error((uint Type, byte[] Body) reply) => reply.Type == ErrorType ? Text(reply.Body) : null;

    private static string Text(byte[] body) => Encoding.Latin1.GetString(body).TrimEnd('\0');

    private (uint Type, byte[] Body) Request(uint type, byte[] body)
    {
        byte[] message = new byte[HeaderLength + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, type);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), ++sent);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), (uint)body.Length);
        body.CopyTo(message, HeaderLength);
        Send(message);
        while (true)
        {
            byte[] header = Receive(HeaderLength);
            uint replied = BinaryPrimitives.ReadUInt32LittleEndian(header);
            byte[] reply = Receive((int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)));
            if (replied != WatchEventType) return (replied, reply);
        }
    }

    private void Send(ReadOnlySpan<byte> message)
    {
        long start = Stopwatch.GetTimestamp();
        while (!message.IsEmpty)
        {
            int count = page.Send(message);
            message = message[count..];
            if (count == 0) Wait(start);
        }

        page.Kick();
    }

    private byte[] Receive(int length)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] received = new byte[length];
        for (int count = 0; count < length;)
        {
            int read = page.Receive(received.AsSpan(count));
            count += read;
            if (read == 0) Wait(start);
        }

        return received;
    }

    private void Wait(long start)
    {
        if (Stopwatch.GetElapsedTime(start) > Timeout)
            throw new TimeoutException("xenstored does not answer the guest");
        Thread.Sleep(0);
        if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMilliseconds(1)) page.Kick();
    }
}

/// <summary>The xenstore ring of a domain (<c>xs_wire.h</c>), seen from the guest: bytes out, bytes in.</summary>
internal sealed unsafe class RingPage : IDisposable
{
    private const int RingSize = 1024;
    private const int Responses = 1024;
    private const int RequestConsumer = 2048;
    private const int RequestProducer = 2052;
    private const int ResponseConsumer = 2056;
    private const int ResponseProducer = 2060;

    private readonly StubDaemon daemon;
    private readonly int port;
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* page;

    /// <summary>Creates the ring of a domain that xenstored does not know yet.</summary>
    public RingPage(StubDaemon daemon, int domid)
    {
        this.daemon = daemon;
        port = 1000 + domid;
        string path = Path.Combine(daemon.Home, string.Create(CultureInfo.InvariantCulture, $"ring-{domid}"));
        File.Delete(path);
        File.WriteAllBytes(path, new byte[4096]);
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        view = file.CreateViewAccessor();
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref page);
    }

    /// <summary>Writes as many of the bytes as fit into the ring.</summary>
    /// <returns>How many bytes.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        uint producer = Index(RequestProducer);
        int free = RingSize - (int)(producer - Index(RequestConsumer));
        int at = (int)(producer % RingSize);
        int count = Math.Min(bytes.Length, Math.Min(free, RingSize - at));
        bytes[..count].CopyTo(new Span<byte>(page + at, count));
        SetIndex(RequestProducer, producer + (uint)count);
        return count;
    }

    /// <summary>Reads the bytes in the ring.</summary>
    /// <returns>How many bytes.</returns>
    public int Receive(Span<byte> into)
    {
        uint consumer = Index(ResponseConsumer);
        int at = (int)(consumer % RingSize);
        int count = Math.Min(into.Length, Math.Min((int)(Index(ResponseProducer) - consumer), RingSize - at));
        new Span<byte>(page + Responses + at, count).CopyTo(into);
        SetIndex(ResponseConsumer, consumer + (uint)count);
        return count;
    }

    /// <summary>Tells xenstored to read the ring.</summary>
    public void Kick() => this.daemon.Raise(port);

    /// <inheritdoc/>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    private uint Index(int offset) => Volatile.Read(ref *(uint*)(page + offset));

    private void SetIndex(int offset, uint value) => Volatile.Write(ref *(uint*)(page + offset), value);
}
