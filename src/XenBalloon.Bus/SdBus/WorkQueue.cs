using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>Work for the bus thread, posted by any thread, and a descriptor that wakes it.</summary>
internal sealed unsafe class WorkQueue : IDisposable
{
    private readonly ConcurrentQueue<Action> queue = new();
    private readonly EventFdHandle wake;

    internal WorkQueue()
    {
        wake = LibC.eventfd(0, LibC.EventFdNonBlocking | LibC.EventFdCloseOnExec);
        if (wake.IsInvalid) throw new SdBusException(Marshal.GetLastPInvokeError(), "eventfd");
    }

    /// <summary>To be polled for input. Valid until the queue is disposed of, which is for the polling thread to do.</summary>
    internal int Descriptor => (int)wake.DangerousGetHandle();

    /// <summary>Adds work; without effect once the queue is disposed of.</summary>
    internal void Post(Action work)
    {
        queue.Enqueue(work);
        ulong one = 1;
        try
        {
            _ = LibC.write(wake, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended: nobody is left to do the work.
        }
    }

    /// <summary>Does what has been posted so far; what that posts in turn waits for the next call, so that the bus gets its turn.</summary>
    internal void Drain()
    {
        ulong count;
        _ = LibC.read(wake, &count, sizeof(ulong));
        for (int due = queue.Count; due > 0 && queue.TryDequeue(out Action? work); due--) work();
    }

    /// <inheritdoc/>
    public void Dispose() => wake.Dispose();
}
