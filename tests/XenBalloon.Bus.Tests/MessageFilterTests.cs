using System.Text;
using XenBalloon.Bus.Connections;

namespace XenBalloon.Bus.Tests;

/// <summary>What the daemon's library gets to see of what the bus delivers.</summary>
internal sealed class MessageFilterTests
{
    private const byte WithoutArguments = 0x80, FlagsOffset = 2, BodyLengthOffset = 4;

    private static readonly AttackMessage Call = new("/a", "a.b", "C") { Sender = ":1.7" };

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100_000)]
    public void Messages_pass_unchanged_however_they_arrive(int chunk)
    {
        byte[] messages =
        [
            .. Call.Encode(1),
            .. (Call with { Signature = "s", Body = AttackMessage.Text(new string('x', 4096)) }).Encode(2),
            .. Call.Encode(3),
        ];

        Assert.That(Filter(new Gate(), chunk, messages), Is.EqualTo(messages));
    }

    [TestCase(1000)]
    [TestCase(100_000)]
    public void Call_that_is_too_large_passes_without_arguments(int chunk)
    {
        AttackMessage large = Call with { Signature = "s", Body = AttackMessage.Text(new string('x', 200_000)) };
        byte[] expected = (large with { Flags = WithoutArguments, Body = [] }).Encode(1);

        byte[] passed = Filter(new Gate(), chunk, [.. large.Encode(1), .. Call.Encode(2)]);

        Assert.That(passed, Is.EqualTo((byte[])[.. expected, .. Call.Encode(2)]));
        Assert.That((passed[FlagsOffset], passed[BodyLengthOffset]), Is.EqualTo((WithoutArguments, 0)));
    }

    [Test]
    public void Other_messages_that_are_too_large_are_left_out()
    {
        AttackMessage signal = new AttackMessage("/a", "a.b", "C") { Sender = "org.freedesktop.DBus", IsSignal = true };
        AttackMessage large = signal with { Signature = "s", Body = AttackMessage.Text(new string('x', 9000)) };
        AttackMessage longPath = Call with { Path = "/" + new string('x', 70_000) };

        byte[] passed = Filter(
            new Gate(), 5000, [.. large.Encode(1), .. longPath.Encode(2), .. signal.Encode(3), .. Call.Encode(4)]);

        Assert.That(passed, Is.EqualTo((byte[])[.. signal.Encode(3), .. Call.Encode(4)]));
    }

    [Test]
    public void Signals_of_other_clients_are_left_out() =>
        Assert.That(Filter(new Gate(), 5000, (Call with { IsSignal = true }).Encode(1)), Is.Empty);

    [Test]
    public void Calls_pass_only_if_the_gate_admits_them()
    {
        var gate = new Gate(call => call.EndsWith(":1.7 a.b C 2 True", StringComparison.Ordinal));
        AttackMessage silent = Call with { Flags = AttackMessage.NoReplyExpected };

        Assert.That(Filter(gate, 64, [.. silent.Encode(1), .. Call.Encode(2)]), Is.EqualTo(Call.Encode(2)));
        Assert.That(gate.Calls, Is.EqualTo(new[] { ":1.7 a.b C 1 False", ":1.7 a.b C 2 True" }));
        Assert.That(Filter(null, 64, Call.Encode(1)), Is.Empty, "no gate yet");
    }

    [Test]
    public void Big_endian_call_is_read()
    {
        byte[] body = AttackMessage.Text(new string('x', 5000));
        byte[] call = (Call with { Signature = "s", Body = body }).Encode(0x01020304);
        var gate = new Gate();

        Assert.That(Filter(gate, 5000, BigEndian(call)), Is.EqualTo(BigEndian(call)));
        Assert.That(gate.Calls, Is.EqualTo(new[] { ":1.7 a.b C 16909060 True" }));
    }

    /// <summary>What passes of the bytes, which arrive in chunks.</summary>
    private static byte[] Filter(ICallGate? gate, int chunk, byte[] messages)
    {
        using var filter = new MessageFilter { Gate = gate };
        filter.On(new Chunks(messages, chunk));
        filter.WriteAsync("BEGIN\r\n"u8.ToArray()).AsTask().Wait();
        var passed = new MemoryStream();
        byte[] part = new byte[4096];
        while (filter.ReadAsync(part).AsTask().Result is > 0 and var count) passed.Write(part, 0, count);
        return passed.ToArray();
    }

    /// <summary>Reverses the numbers of a message's header.</summary>
    private static byte[] BigEndian(byte[] message)
    {
        byte[] reversed = [.. message];
        reversed[0] = (byte)'B';
        int end = 16 + BitConverter.ToInt32(message, 12);
        for (int at = 4; at < 16; at += 4) Array.Reverse(reversed, at, 4);
        for (int at = 16; at < end;)
        {
            at = (at + 7) & ~7;
            char type = (char)message[at + 2];
            at += 4;
            if (type == 'g')
            {
                at += message[at] + 2;
                continue;
            }

            int length = BitConverter.ToInt32(message, at);
            Array.Reverse(reversed, at, 4);
            at += 4 + length + 1;
        }

        return reversed;
    }

    private sealed class Gate(Func<string, bool>? admits = null) : ICallGate
    {
        internal List<string> Calls { get; } = [];

        public bool Admits(CallHeader call)
        {
            string text = $"{Encoding.ASCII.GetString(call.Sender)} {Encoding.ASCII.GetString(call.Interface)} "
                + $"{Encoding.ASCII.GetString(call.Member)} {call.Serial} {call.IsReplyExpected}";
            Calls.Add(text);
            return admits?.Invoke(text) ?? true;
        }
    }

    /// <summary>A stream that returns a few bytes with each read, and takes what is written.</summary>
    private sealed class Chunks(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}
