namespace XenBalloon.Cli.Reservations;

/// <summary>
/// Relays a migration between its sender and <c>xl migrate-receive</c>. The sender sends nothing before it has seen the
/// receiver's banner (xl_migrate.c). So this relay sends the banner, reads the domain's configuration, and starts the
/// receiver when its memory is free. Then it passes everything on unchanged, except for the receiver's own banner.
/// </summary>
internal sealed class MigrationRelay(Stream fromSender, Stream toSender)
{
    private const int Chunk = 1 << 20;

    private static ReadOnlySpan<byte> Banner => "xl migration receiver ready, send binary domain data.\n"u8;

    /// <summary>Sends the banner, which starts the sender.</summary>
    internal void SendBanner()
    {
        toSender.Write(Banner);
        toSender.Flush();
    }

    /// <summary>Relays until the receiver closes its output.</summary>
    /// <param name="receiver">The receiver, whose standard input and output are redirected.</param>
    /// <param name="read">What was read from the sender before.</param>
    internal void Run(ChildProgram receiver, ReadOnlyMemory<byte> read)
    {
        // A background thread: the sender may keep its end open after the receiver has ended.
        new Thread(() => Feed(receiver.Input, read)) { IsBackground = true, Name = "to the receiver" }.Start();
        try
        {
            SkipBanner(receiver.Output);
            Copy(receiver.Output, toSender);
        }
        catch (IOException)
        {
            // The sender has gone. The receiver notices, and its exit status shows it.
        }
    }

    /// <summary>Output other than the banner is passed on.</summary>
    private void SkipBanner(Stream output)
    {
        Span<byte> start = stackalloc byte[Banner.Length];
        int length = output.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (!start.SequenceEqual(Banner)) toSender.Write(start[..length]);
    }

    private void Feed(Stream receiver, ReadOnlyMemory<byte> read)
    {
        try
        {
            receiver.Write(read.Span);
            receiver.Flush();
            Copy(fromSender, receiver);
            receiver.Dispose();
        }
        catch (IOException)
        {
            // The receiver has ended, and its exit status shows why.
        }
    }

    private static void Copy(Stream from, Stream to)
    {
        byte[] buffer = new byte[Chunk];
        for (int length; (length = from.Read(buffer)) > 0;)
        {
            to.Write(buffer.AsSpan(0, length));
            to.Flush();
        }
    }
}
