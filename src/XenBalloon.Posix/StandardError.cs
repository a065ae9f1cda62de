namespace XenBalloon.Posix;

/// <summary>Standard error, for a process that must not wait for it.</summary>
internal static class StandardError
{
    private const int Descriptor = 2;

    /// <summary>Writes a line of less than 512 bytes, which a pipe takes whole; nothing if that would wait.</summary>
    internal static unsafe void TryWrite(ReadOnlySpan<byte> line)
    {
        Libc.PollDescriptor polled = new() { Descriptor = Descriptor, Events = Libc.PollOut };
        if (Libc.Poll(&polled, new(1), 0) != 1 || polled.Returned != Libc.PollOut) return;
        fixed (byte* text = line) _ = Libc.Write(Descriptor, text, (nuint)line.Length);
    }
}
