using System.Runtime.InteropServices;
using XenBalloon.Core.Hosts;
using XenBalloon.Posix;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Watches;

/// <summary>
/// The one thread that takes xenstore's events, as fast as they come, into the dirty set, and that notices when xenstored dies: poll does not
/// wake then, so it looks every second.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Stop disposes what it owns, and says when it could not; Dispose could not say.")]
internal sealed class WatchReader
{
    /// <summary>How soon at the latest a dead xenstored is noticed.</summary>
    internal static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    /// <summary>After this many events in a row, others get the processor first.</summary>
    private const int Burst = 256;

    private readonly XenStoreConnection connection;
    private readonly XenStore store;
    private readonly DirtySet dirty;
    private readonly ChangeSignal signal;
    private readonly MonotonicClock clock = new(TimeProvider.System);
    private readonly WakeDescriptor wake = new();
    private readonly Thread thread;
    private volatile bool stopping;
    private long events;
    private TimeSpan probed;

    public WatchReader(XenStoreConnection connection, XenStore store, DirtySet dirty, ChangeSignal signal)
    {
        this.connection = connection;
        this.store = store;
        this.dirty = dirty;
        this.signal = signal;
        thread = new Thread(Run) { IsBackground = true, Name = "xenstore watches" };
        thread.Start();
    }

    /// <summary>Events taken so far.</summary>
    public long Events => Interlocked.Read(ref events);

    /// <summary>Stops the thread; to be done before the connection is closed.</summary>
    /// <returns>False if it did not stop, as when xenstored hangs in our probe: the connection must then stay open.</returns>
    public bool Stop()
    {
        stopping = true;
        wake.Wake();
        if (!thread.Join(StopPatience)) return false;
        wake.Dispose();
        return true;
    }

    private void Run()
    {
        try
        {
            int descriptor = this.connection.WatchDescriptor();
            while (!stopping)
            {
                Wait(descriptor);
                Drain();
                ProbeWhenDue();
            }
        }
        catch (HostLostException lost)
        {
            this.signal.Lose(lost);
        }
        catch (XenStoreException unexpected)
        {
            this.signal.Lose(new HostLostException("xenstore's watches cannot be followed", unexpected));
        }
    }

    private unsafe void Wait(int descriptor)
    {
        Libc.PollDescriptor* polled = stackalloc Libc.PollDescriptor[2];
        polled[0] = new() { Descriptor = descriptor, Events = Libc.PollIn };
        polled[1] = new() { Descriptor = wake.Value, Events = Libc.PollIn };
        if (Libc.Poll(polled, new CULong(2), (int)ProbeInterval.TotalMilliseconds) >= 0) return;
        int errno = Marshal.GetLastPInvokeError();
        if (errno != Errno.Interrupted) throw StoreErrors.Lost(errno);
    }

    private void Drain()
    {
        int taken = 0;
        while (!stopping && this.connection.TryTakeEvent(out WatchEvent occurred))
        {
            WatchEffect effect;
            DomainWatch? watch;
            using (occurred) effect = this.dirty.Note(occurred.Path, occurred.Token, out watch);
            Interlocked.Increment(ref events);
            if (effect == WatchEffect.Changed) this.signal.Set();
            else if (effect == WatchEffect.Flood) Silence(watch!);
            if (++taken % Burst != 0) continue;
            Thread.Yield();
            ProbeWhenDue();
        }
    }

    private void Silence(DomainWatch watch)
    {
        foreach (WatchedLeaf leaf in DomainWatch.GuestLeaves) this.connection.Unwatch(watch.Path(leaf), watch.Token(leaf));
    }

    private void ProbeWhenDue()
    {
        TimeSpan now = clock.Now;
        if (now - probed < ProbeInterval) return;
        this.store.Probe();
        probed = now;
    }
}
