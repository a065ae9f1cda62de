using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A guest at its own xenstore ring, with a guest's permissions and quotas.</summary>
internal sealed unsafe class GuestRing : IDisposable
{
    private const int RingSize = 1024;
    private const int Responses = 1024;
    private const int RequestConsumer = 2048;
    private const int RequestProducer = 2052;
    private const int ResponseConsumer = 2056;
    private const int ResponseProducer = 2060;
    private const int HeaderLength = 16;
    private const uint WatchEventType = 15;
    private const uint ErrorType = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly StubDaemon daemon;
    private readonly int port;
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* page;
    private uint sent;

    /// <summary>Lays out the ring of a domain that xenstored does not know yet.</summary>
    public GuestRing(StubDaemon daemon, int domid)
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

    /// <summary>Writes a node; paths are relative to the guest's own home.</summary>
    /// <returns>The error's name; null when written.</returns>
    public string? Write(string path, string value) => Write(path, Encoding.Latin1.GetBytes(value));

    /// <summary>Writes a node with any bytes.</summary>
    public string? Write(string path, byte[] value) => Error(Request(11, [.. Encoding.ASCII.GetBytes(path + '\0'), .. value]));

    /// <summary>Removes a node.</summary>
    public string? Remove(string path) => Error(Request(13, Encoding.ASCII.GetBytes(path + '\0')));

    /// <summary>Reads a node.</summary>
    public string Read(string path)
    {
        (uint type, byte[] body) = Request(2, Encoding.ASCII.GetBytes(path + '\0'));
        return type == ErrorType ? $"error {Text(body)}" : Text(body);
    }

    /// <summary>Writes what XenServer's agent writes, in its order.</summary>
    public void Report(long totalKiB, long availableKiB)
    {
        Assert.That(Write("data/meminfo_total", $"{totalKiB}"), Is.Null);
        Assert.That(Write("data/meminfo_free", $"{availableKiB}"), Is.Null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

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
            uint producer = Index(RequestProducer);
            int room = RingSize - (int)(producer - Index(RequestConsumer));
            int at = (int)(producer % RingSize);
            int count = Math.Min(message.Length, Math.Min(room, RingSize - at));
            if (count == 0)
            {
                Wait(start);
                continue;
            }

            message[..count].CopyTo(new Span<byte>(page + at, count));
            message = message[count..];
            SetIndex(RequestProducer, producer + (uint)count);
        }

        this.daemon.Raise(port);
    }

    private byte[] Receive(int length)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] received = new byte[length];
        int got = 0;
        while (got < length)
        {
            uint consumer = Index(ResponseConsumer);
            int at = (int)(consumer % RingSize);
            int count = Math.Min(length - got, Math.Min((int)(Index(ResponseProducer) - consumer), RingSize - at));
            if (count == 0)
            {
                Wait(start);
                continue;
            }

            new Span<byte>(page + Responses + at, count).CopyTo(received.AsSpan(got));
            got += count;
            SetIndex(ResponseConsumer, consumer + (uint)count);
        }

        return received;
    }

    private void Wait(long start)
    {
        if (Stopwatch.GetElapsedTime(start) > Patience) throw new TimeoutException("xenstored does not answer the guest");
        Thread.Sleep(0);
        if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMilliseconds(1)) this.daemon.Raise(port);
    }

    private uint Index(int offset) => Volatile.Read(ref *(uint*)(page + offset));

    private void SetIndex(int offset, uint value) => Volatile.Write(ref *(uint*)(page + offset), value);
}
