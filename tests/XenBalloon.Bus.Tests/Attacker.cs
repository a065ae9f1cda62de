using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>
/// Sends messages to the bus as the user nobody, as fast as it can, until it is disposed. It writes them itself,
/// because a library would send no faster than it reads.
/// </summary>
internal sealed class Attacker : IDisposable
{
    private const int Nobody = 65534;

    private readonly byte[] messages;
    private readonly Socket[] sockets;
    private readonly int[] sent;
    private readonly Thread thread;
    private volatile bool isStopping;

    /// <summary>Starts it.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="connections">How many connections it has.</param>
    /// <param name="messages">What each of them sends again and again.</param>
    internal Attacker(PrivateBus bus, int connections, params AttackMessage[] messages)
    {
        this.messages = [.. messages.SelectMany((message, i) => message.Encode(serial: (uint)i + 2))];
        sockets = [.. Enumerable.Range(0, connections).Select(_ => Connect(bus))];
        sent = new int[connections];
        thread = new Thread(Run);
        thread.Start();
    }

    public void Dispose()
    {
        isStopping = true;
        thread.Join();
        foreach (Socket socket in sockets) socket.Dispose();
    }

    private static Socket Connect(PrivateBus bus)
    {
        Socket socket = RawClient.Connect(bus, Nobody);
        byte[] reply = new byte[4096];
        socket.Send(Encoding.ASCII.GetBytes($"\0AUTH EXTERNAL {Convert.ToHexString("65534"u8)}\r\n"));
        socket.Receive(reply);
        socket.Send("BEGIN\r\n"u8);
        const string BusName = "org.freedesktop.DBus";
        socket.Send(new AttackMessage("/org/freedesktop/DBus", BusName, "Hello") { Destination = BusName }.Encode(1));
        socket.Receive(reply);
        socket.Blocking = false;
        return socket;
    }

    private void Run()
    {
        byte[] replies = new byte[1 << 20];
        while (!isStopping)
        {
            bool progressed = false;
            for (int i = 0; i < sockets.Length; i++)
            {
                int count = sockets[i].Send(messages.AsSpan(sent[i]), SocketFlags.None, out SocketError error);
                if (error == SocketError.Success) sent[i] = (sent[i] + count) % messages.Length;
                int read = sockets[i].Receive(replies, SocketFlags.None, out SocketError readError);
                progressed |= error == SocketError.Success || (readError == SocketError.Success && read > 0);
            }

            if (!progressed) Thread.Sleep(1);
        }
    }
}

/// <summary>A message to the daemon.</summary>
/// <param name="Path">Its object.</param>
/// <param name="Interface">Its interface.</param>
/// <param name="Member">Its member.</param>
internal sealed record AttackMessage(string Path, string Interface, string Member)
{
    internal const byte NoReplyExpected = 1;

    private const byte MethodCall = 1, Signal = 4;

    internal string Destination { get; init; } = "org.xenballoon.Balloon1";

    /// <summary>Who sent it; the bus adds it.</summary>
    internal string? Sender { get; init; }

    internal byte Flags { get; init; }

    internal bool IsSignal { get; init; }

    /// <summary>The type of its arguments.</summary>
    internal string Signature { get; init; } = "";

    internal byte[] Body { get; init; } = [];

    /// <summary>A string as it is in a message.</summary>
    internal static byte[] Text(string text) => [.. Number((uint)text.Length), .. Encoding.ASCII.GetBytes(text), 0];

    internal static byte[] Number(uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return bytes;
    }

    /// <summary>The message as bytes.</summary>
    internal byte[] Encode(uint serial)
    {
        List<byte> fields = [];
        Add(1, 'o', Text(Path));
        Add(2, 's', Text(Interface));
        Add(3, 's', Text(Member));
        Add(6, 's', Text(Destination));
        if (Sender is { } sender) Add(7, 's', Text(sender));
        if (Signature.Length > 0) Add(8, 'g', [(byte)Signature.Length, .. Encoding.ASCII.GetBytes(Signature), 0]);
        byte[] header =
        [
            (byte)'l', IsSignal ? Signal : MethodCall, Flags, 1,
            .. Number((uint)Body.Length), .. Number(serial), .. Number((uint)fields.Count), .. fields,
        ];
        return [.. header, .. new byte[Padding(header.Length)], .. Body];

        void Add(byte code, char type, byte[] value)
        {
            fields.AddRange(new byte[Padding(fields.Count)]);
            fields.AddRange([code, 1, (byte)type, 0, .. value]);
        }
    }

    private static int Padding(int length) => -length & 7;
}
