using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A guest at its own xenstore ring, with a guest's permissions and quotas.</summary>
internal sealed class GuestRing(StubDaemon daemon, int domid) : IDisposable
{
    private const int HeaderLength = 16;
    private const uint WatchEventType = 15;
    private const uint ErrorType = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RingPage page = new(daemon, domid);
    private uint sent;

    /// <summary>Writes a node; paths are relative to the guest's own home.</summary>
    /// <returns>The error's name; null when written.</returns>
    public string? Write(string path, string value) => Write(path, Encoding.Latin1.GetBytes(value));

    /// <summary>Writes a node with any bytes.</summary>
    public string? Write(string path, byte[] value) => Error(Request(11, [.. Encoding.ASCII.GetBytes(path + '\0'), .. value]));

    /// <summary>Removes a node.</summary>
    public string? Remove(string path) => Error(Request(13, Encoding.ASCII.GetBytes(path + '\0')));

    /// <summary>Sets a node's permissions, each as xenstore spells it: n0, r5.</summary>
    public string? SetPermissions(string path, params string[] permissions) =>
        Error(Request(14, Encoding.ASCII.GetBytes($"{path}\0{string.Concat(permissions.Select(one => one + '\0'))}")));

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

    /// <summary>Lets another program be the guest, through a socket; nothing may be asked here meanwhile.</summary>
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
        for (int got = 0; got < length;)
        {
            int count = page.Receive(received.AsSpan(got));
            got += count;
            if (count == 0) Wait(start);
        }

        return received;
    }

    private void Wait(long start)
    {
        if (Stopwatch.GetElapsedTime(start) > Patience) throw new TimeoutException("xenstored does not answer the guest");
        Thread.Sleep(0);
        if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMilliseconds(1)) page.Kick();
    }
}
