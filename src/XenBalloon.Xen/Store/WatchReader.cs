using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using XenBalloon.Core.Hosts;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;

namespace XenBalloon.Xen.Store;

/// <summary>
/// The thread that reads xenstore's events as fast as they arrive, and that notices when xenstored dies: through an
/// idle connection to its socket or, if it has none, by probing it every second.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Stop disposes what it owns, and returns whether it could.")]
internal sealed class WatchReader
{
    /// <summary>
    /// The time for the rest of a report to arrive: XenServer's agents write total and free separately, in either
    /// order.
    /// </summary>
    private static readonly TimeSpan ReportCompletion = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How often events are read although none is announced: if this connection alone ends, only that shows it.
    /// </summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The values of <c>control/shutdown</c> that end the guest; "suspend" does not.</summary>
    private static readonly string[] LeavingRequests = ["poweroff", "halt", "reboot"];

    /// <summary>After this many events in a row, the thread yields the processor.</summary>
    private const int Burst = 256;

    private readonly XenStoreConnection connection;
    private readonly XenStore store;
    private readonly ChangedNodes changed;
    private readonly ChangeSignal signal;
    private readonly MonotonicClock clock = new(TimeProvider.System);
    private readonly WakeDescriptor wake = new();
    private readonly IdleConnection? idle = IdleConnection.TryOpen();
    private readonly Thread thread;
    private volatile bool stopping;
    private long events;
    private TimeSpan probedAt;
    private TimeSpan? completeAt;

    public WatchReader(XenStoreConnection connection, XenStore store, ChangedNodes changed, ChangeSignal signal)
    {
        this.connection = connection;
        this.store = store;
        this.changed = changed;
        this.signal = signal;
        thread = new Thread(Run) { IsBackground = true, Name = "xenstore watches" };
        thread.Start();
    }

    /// <summary>The number of events read so far.</summary>
    public long Events => Interlocked.Read(ref events);

    /// <summary>Stops the thread. To be called before the connection is closed.</summary>
    /// <returns>
    /// False if the thread did not stop, as when xenstored hangs during a probe: the connection must then stay open.
    /// </returns>
    public bool Stop()
    {
        stopping = true;
        wake.Wake();
        if (!thread.Join(StopTimeout)) return false;
        wake.Dispose();
        idle?.Dispose();
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
                ReadEvents();
                SignalIfComplete();
                ProbeIfDue();
            }
        }
        catch (HostLostException lost)
        {
            this.signal.SetLost(lost);
        }
        catch (XenStoreException unexpected)
        {
            string message = $"cannot read xenstore events: {unexpected.Message}";
            this.signal.SetLost(new HostLostException(message, unexpected));
        }
    }

    private unsafe void Wait(int descriptor)
    {
        // poll(2) ignores a negative descriptor.
        Libc.PollDescriptor* polled = stackalloc Libc.PollDescriptor[3];
        polled[0] = new() { Descriptor = descriptor, Events = Libc.PollIn };
        polled[1] = new() { Descriptor = wake.Value, Events = Libc.PollIn };
        polled[2] = new() { Descriptor = idle?.Descriptor ?? -1 };
        if (Libc.Poll(polled, new CULong(3), LimitMilliseconds()) >= 0)
        {
            if (polled[2].Returned != 0) throw StoreErrors.Lost(Errno.ConnectionReset);
            return;
        }

        int errno = Marshal.GetLastPInvokeError();
        if (errno != Errno.Interrupted) throw StoreErrors.Lost(errno);
    }

    private int LimitMilliseconds()
    {
        if (completeAt is { } at) return Math.Max(0, (int)Math.Ceiling((at - clock.Now).TotalMilliseconds));
        return (int)(idle is null ? ProbeInterval : ReadInterval).TotalMilliseconds;
    }

    private void ReadEvents()
    {
        int count = 0;
        while (!stopping && this.connection.TryTakeEvent(out WatchEvent taken))
        {
            WatchEffect effect;
            DomainWatch? watch;
            using (taken) effect = this.changed.Record(taken.Path, taken.Token, out watch);
            Interlocked.Increment(ref events);
            if (effect == WatchEffect.Changed) this.signal.Set();
            else if (effect == WatchEffect.ChangedInPart) completeAt ??= clock.Now + ReportCompletion;
            else if (effect == WatchEffect.ShutdownRequest) ReadShutdownRequest(watch!);
            else if (effect == WatchEffect.Flooded) Unwatch(watch!);
            if (++count % Burst != 0) continue;
            Thread.Yield();
            SignalIfComplete();
            ProbeIfDue();
        }
    }

    private void SignalIfComplete()
    {
        if (!(clock.Now >= completeAt)) return;
        completeAt = null;
        this.signal.Set();
    }

    private void ReadShutdownRequest(DomainWatch watch)
    {
        string? request;
        try
        {
            request = store.Read(watch.Path(WatchedNode.ShutdownRequest));
        }
        catch (XenStoreException)
        {
            return; // the guest owns the node, and may have made it unreadable
        }

        if (!LeavingRequests.Contains(request)) return;
        this.changed.RecordShutdownRequest(watch);
        this.signal.Set();
    }

    private void Unwatch(DomainWatch flooded)
    {
        this.connection.Unwatch(flooded.Home!, flooded.Token);
        this.signal.Set(); // so that the toolstack's nodes are soon watched again
    }

    private void ProbeIfDue()
    {
        if (idle is not null) return;
        TimeSpan now = clock.Now;
        if (now - probedAt < ProbeInterval) return;
        this.store.Probe();
        probedAt = now;
    }
}

/// <summary>An eventfd(2) that wakes a thread in poll(2).</summary>
internal sealed class WakeDescriptor : IDisposable
{
    private int descriptor;

    public WakeDescriptor()
    {
        this.descriptor = Libc.EventDescriptor(0, Libc.EventCloseOnExec);
        if (this.descriptor < 0) throw new IOException($"eventfd: {Errno.Describe(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>The descriptor to poll for reading.</summary>
    public int Value => this.descriptor;

    /// <summary>Makes the descriptor readable, for good.</summary>
    public unsafe void Wake()
    {
        ulong increment = 1;
        _ = Libc.Write(this.descriptor, &increment, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int open = Interlocked.Exchange(ref this.descriptor, -1);
        if (open >= 0) _ = Libc.Close(open);
    }
}
