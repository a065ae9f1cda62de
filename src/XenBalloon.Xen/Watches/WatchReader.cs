using System.Runtime.InteropServices;
using XenBalloon.Core.Hosts;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Native;
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

    private readonly XenStoreConnection _connection;
    private readonly XenStore _store;
    private readonly DirtySet _dirty;
    private readonly ChangeSignal _signal;
    private readonly MonotonicClock _clock = new(TimeProvider.System);
    private readonly WakeDescriptor _wake = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private long _events;
    private TimeSpan _probed;

    public WatchReader(XenStoreConnection connection, XenStore store, DirtySet dirty, ChangeSignal signal)
    {
        _connection = connection;
        _store = store;
        _dirty = dirty;
        _signal = signal;
        _thread = new Thread(Run) { IsBackground = true, Name = "xenstore watches" };
        _thread.Start();
    }

    /// <summary>Events taken so far.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Stops the thread; to be done before the connection is closed.</summary>
    /// <returns>False if it did not stop, as when xenstored hangs in our probe: the connection must then stay open.</returns>
    public bool Stop()
    {
        _stopping = true;
        _wake.Wake();
        if (!_thread.Join(StopPatience)) return false;
        _wake.Dispose();
        return true;
    }

    private void Run()
    {
        try
        {
            int descriptor = _connection.WatchDescriptor();
            while (!_stopping)
            {
                Wait(descriptor);
                Drain();
                ProbeWhenDue();
            }
        }
        catch (HostLostException lost)
        {
            _signal.Lose(lost);
        }
        catch (XenStoreException unexpected)
        {
            _signal.Lose(new HostLostException("xenstore's watches cannot be followed", unexpected));
        }
    }

    private unsafe void Wait(int descriptor)
    {
        Posix.PollDescriptor* polled = stackalloc Posix.PollDescriptor[2];
        polled[0] = new() { Descriptor = descriptor, Events = Posix.PollIn };
        polled[1] = new() { Descriptor = _wake.Value, Events = Posix.PollIn };
        if (Posix.Poll(polled, new CULong(2), (int)ProbeInterval.TotalMilliseconds) >= 0) return;
        int errno = Marshal.GetLastPInvokeError();
        if (errno != Errno.Interrupted) throw StoreErrors.Lost(errno);
    }

    private void Drain()
    {
        int taken = 0;
        while (!_stopping && _connection.TryTakeEvent(out WatchEvent occurred))
        {
            WatchEffect effect;
            DomainWatch? watch;
            using (occurred) effect = _dirty.Note(occurred.Path, occurred.Token, out watch);
            Interlocked.Increment(ref _events);
            if (effect == WatchEffect.Changed) _signal.Set();
            else if (effect == WatchEffect.Flood) Silence(watch!);
            if (++taken % Burst != 0) continue;
            Thread.Yield();
            ProbeWhenDue();
        }
    }

    private void Silence(DomainWatch watch)
    {
        foreach (WatchedLeaf leaf in DomainWatch.GuestLeaves) _connection.Unwatch(watch.Path(leaf), watch.Token(leaf));
    }

    private void ProbeWhenDue()
    {
        TimeSpan now = _clock.Now;
        if (now - _probed < ProbeInterval) return;
        _store.Probe();
        _probed = now;
    }
}
