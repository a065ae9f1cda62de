using System.Diagnostics;
using XenBalloon.Bus.SdBus.Native;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <content>Driving the connection.</content>
internal sealed unsafe partial class SdBusConnection
{
    /// <summary>Serves the bus and the work that is posted, until told to stop.</summary>
    /// <param name="stopping">Asked after each turn.</param>
    /// <exception cref="SdBusException">The connection is lost.</exception>
    internal void Run(Func<bool> stopping)
    {
        SynchronizationContext.SetSynchronizationContext(new BusThreadContext(work));
        while (!stopping())
        {
            if (Checked.Result(sd_bus_process(bus, null)) > 0) continue;
            if (Wait(Timeout.InfiniteTimeSpan)) work.Drain();
        }
    }

    /// <summary>Serves the bus until a signal arrives; one that waits already counts.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <param name="take">Handed the signal.</param>
    /// <returns>Whether one did before the time was over.</returns>
    /// <exception cref="SdBusException">The connection is lost.</exception>
    internal bool WaitForSignal(TimeSpan limit, Action<Message> take)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            nint pointer = 0;
            int processed = Checked.Result(sd_bus_process(bus, &pointer));
            if (pointer != 0)
            {
                using Message message = Message.Take(pointer);
                if (message.IsSignal)
                {
                    take(message);
                    return true;
                }
            }

            if (processed > 0) continue;
            TimeSpan left = limit - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return false;
            Wait(left);
        }
    }

    /// <summary>Waits until the bus has something to do, work is posted, or the time is over.</summary>
    /// <returns>Whether work is posted.</returns>
    private bool Wait(TimeSpan limit)
    {
        PollDescriptor* descriptors = stackalloc PollDescriptor[2];
        descriptors[0] = new PollDescriptor { Descriptor = Checked.Result(sd_bus_get_fd(bus)), Events = (short)Checked.Result(sd_bus_get_events(bus)) };
        descriptors[1] = new PollDescriptor { Descriptor = work.Descriptor, Events = LibC.PollIn };
        Checked.Result(sd_bus_get_timeout(bus, out ulong due));

        // An interrupted poll (a signal, for which the runtime has its own thread) is as good as a wake-up for nothing.
        if (LibC.poll(descriptors, 2, Milliseconds(due, limit)) < 0) return false;
        return (descriptors[1].Returned & LibC.PollIn) != 0;
    }

    private static int Milliseconds(ulong due, TimeSpan limit)
    {
        double milliseconds = limit == Timeout.InfiniteTimeSpan ? double.PositiveInfinity : limit.TotalMilliseconds;
        if (due != ulong.MaxValue)
        {
            // Stopwatch reads CLOCK_MONOTONIC on Linux, as sd-bus does.
            double now = Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;
            milliseconds = Math.Min(milliseconds, (due / 1000.0) - now);
        }

        return milliseconds > int.MaxValue ? -1 : Math.Max(0, (int)Math.Ceiling(milliseconds));
    }
}
