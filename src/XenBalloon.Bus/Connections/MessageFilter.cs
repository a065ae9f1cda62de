using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Connections;

/// <summary>Decides about calls before the library reads them.</summary>
internal interface ICallGate
{
    /// <summary>Whether to pass a call on; called on the library's reading thread.</summary>
    bool Admits(CallHeader call);
}

/// <summary>
/// The daemon's connection to the bus, without the messages that it does not serve. The bus delivers whatever any user
/// sends, up to 32 MiB each; the library would copy each twice, and read so slowly that root's calls would wait behind
/// tens of thousands of others. A call that is too large is passed on without its arguments, so that it gets an error.
/// Everything else that is too large is left out, and so are signals of other clients.
/// </summary>
internal sealed class MessageFilter : ConnectionStream
{
    /// <summary>Most bytes of a message. Of the service's own members, a string of 4096 bytes takes most.</summary>
    internal const int MaxMessageBytes = 8192;

    /// <summary>Most bytes of a header. Its names have at most 255 bytes each; our paths have 50.</summary>
    private const int MaxHeaderBytes = 2048;

    // The types of messages, by the D-Bus specification.
    private const byte MethodCall = 1, Signal = 4;

    private readonly byte[] buffer = new byte[64 << 10];
    private Stream? inner;
    private int start, end;

    /// <summary>What remains of the message that is being read.</summary>
    private long toPass, toSkip;

    private bool isAuthenticated;

    /// <summary>Decides about calls; none is passed on without it.</summary>
    internal ICallGate? Gate { get; set; }

    /// <summary>Sets the stream to filter.</summary>
    internal MessageFilter On(Stream connection)
    {
        inner = connection;
        return this;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (!isAuthenticated) return await inner!.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            int passed = Pass(destination.Span);
            if (passed > 0) return passed;
            buffer.AsSpan(start..end).CopyTo(buffer);
            (start, end) = (0, end - start);
            int read = await inner!.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
            if (read == 0) return 0;
            end += read;
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        // The bus sends nothing between this line and its reply to the first message.
        isAuthenticated |= source.Span.SequenceEqual("BEGIN\r\n"u8);
        return inner!.WriteAsync(source, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Flush() => inner!.Flush();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Copies what has been read and may pass.</summary>
    /// <returns>The number of bytes; 0 if more must be read first.</returns>
    private int Pass(Span<byte> destination)
    {
        int passed = 0;
        while (passed < destination.Length && start < end)
        {
            if (toPass == 0 && toSkip == 0 && !TryStartMessage()) break;
            bool passes = toPass > 0;
            int count = (int)Math.Min(passes ? toPass : toSkip, end - start);
            if (passes)
            {
                count = Math.Min(count, destination.Length - passed);
                buffer.AsSpan(start, count).CopyTo(destination[passed..]);
                passed += count;
                toPass -= count;
            }
            else
            {
                toSkip -= count;
            }

            start += count;
        }

        return passed;
    }

    /// <summary>Decides about the message at the start of the buffer, once its header is there.</summary>
    private bool TryStartMessage()
    {
        if (end - start < CallHeader.FixedBytes) return false;
        Span<byte> message = buffer.AsSpan(start..end);
        bool isLittleEndian = message[0] == (byte)'l';
        long fields = CallHeader.ReadNumber(message[12..], isLittleEndian);
        long header = CallHeader.FixedBytes + ((fields + 7) & ~7L);
        long body = CallHeader.ReadNumber(message[4..], isLittleEndian);
        bool isSmall = header <= MaxHeaderBytes && header + body <= MaxMessageBytes;
        if (header > MaxHeaderBytes || (message[1] != MethodCall && !isSmall))
        {
            toSkip = header + body;
        }
        else if (message.Length < header)
        {
            return false;
        }
        else if (message[1] is MethodCall or Signal && !IsAdmitted(message[..(int)header]))
        {
            toSkip = header + body;
        }
        else if (isSmall)
        {
            toPass = header + body;
        }
        else
        {
            message[2] |= (byte)BusCall.WithoutArguments;
            message.Slice(4, sizeof(uint)).Clear(); // the length of the arguments
            (toPass, toSkip) = (header, body);
        }

        return true;
    }

    private bool IsAdmitted(ReadOnlySpan<byte> header)
    {
        if (!CallHeader.TryRead(header, out CallHeader read)) return false;
        return header[1] == Signal
            ? read.Sender.SequenceEqual("org.freedesktop.DBus"u8)
            : Gate is { } gate && gate.Admits(read);
    }
}
