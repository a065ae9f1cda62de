namespace XenBalloon.Cli.Running;

/// <summary>
/// Stands between the sender of a migration and <c>xl migrate-receive</c>. The sender says what it sends only when it has seen the receiver's banner (xl's
/// xl_migrate.c): so we show that ourselves, read, and start the receiver when there is memory for what comes. Then everything goes through as it is, but
/// for the receiver's own banner, which the sender has seen already.
/// </summary>
internal sealed class MigrationRelay(Stream fromSender, Stream toSender)
{
    private const int Chunk = 1 << 20;

    /// <summary>Says that we are ready to receive.</summary>
    internal static ReadOnlySpan<byte> Banner => "xl migration receiver ready, send binary domain data.\n"u8;

    /// <summary>Has the sender begin.</summary>
    internal void Greet()
    {
        toSender.Write(Banner);
        toSender.Flush();
    }

    /// <summary>Carries everything between sender and receiver, until the receiver closes its output.</summary>
    /// <param name="receiver">The receiver, whose input and output are ours.</param>
    /// <param name="read">What was read of the sender's words already.</param>
    internal void Carry(ChildProgram receiver, ReadOnlyMemory<byte> read)
    {
        // The sender may have more to say than the receiver wants to hear: then this thread ends with us.
        new Thread(() => Feed(receiver.Input, read)) { IsBackground = true, Name = "to the receiver" }.Start();
        try
        {
            SkipBanner(receiver.Output);
            Copy(receiver.Output, toSender);
        }
        catch (IOException)
        {
            // The sender has gone: the receiver finds that out by itself, and its status says so.
        }
    }

    /// <summary>What is no banner is for the sender to see.</summary>
    private void SkipBanner(Stream output)
    {
        Span<byte> banner = stackalloc byte[Banner.Length];
        int got = output.ReadAtLeast(banner, banner.Length, throwOnEndOfStream: false);
        if (!banner.SequenceEqual(Banner)) toSender.Write(banner[..got]);
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
            // It has ended, and its status says how.
        }
    }

    private static void Copy(Stream from, Stream to)
    {
        byte[] buffer = new byte[Chunk];
        for (int got; (got = from.Read(buffer)) > 0;)
        {
            to.Write(buffer.AsSpan(0, got));
            to.Flush();
        }
    }
}
