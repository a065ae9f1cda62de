using System.Diagnostics;
using System.Text;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Keeps the calls of all clients until they are served, which is on the server's queue. Anyone may call, and a bus may
/// deliver thousands of calls for each few kilobytes that it accepts from us. So calls are bounded before the library
/// reads them, and served a few at a time, the next when the bus has accepted their replies. Root's have a lane of
/// their own.
/// </summary>
/// <param name="connection">The bus.</param>
/// <param name="queue">Where calls are served.</param>
/// <param name="router">Serves them.</param>
internal sealed class CallQueue(BusConnection connection, SerialQueue queue, CallRouter router)
    : IPathMethodHandler, ICallGate
{
    /// <summary>
    /// dbus-daemon reads so much of each connection in turn. No more bytes of replies to others are before one to root;
    /// for larger ones see <see cref="IsBusQuickAsync"/>.
    /// </summary>
    private const int BusReadBytes = 2048;

    private const int MaxOfSender = 64, MaxOfUser = 128, MaxOfOthers = 512;

    /// <summary>Most calls whose callers' uids are not known yet; beyond, one of each caller is kept.</summary>
    private const int MaxUnidentified = 512;

    /// <summary>Most refusals that wait to be sent; a call beyond gets no reply.</summary>
    private const int MaxRefusals = 2048;

    private const int MaxNameLength = 255, ErrorBytes = 256;

    /// <summary>How long a large reply to others may delay root's.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a large reply may wait for the bus to be quick enough.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), ProbeInterval = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private readonly Callers callers = new();
    private readonly Dictionary<uint, CallUser> users = [];
    private readonly CallLane roots = new(64 << 10), others = new(BusReadBytes), othersLarge = new(1);
    private int unidentified, pendingOfOthers, refusals;
    private long? busySince;

    /// <summary>
    /// Handles all paths, so that a path without an object gets the standard error UnknownObject.
    /// </summary>
    string IPathMethodHandler.Path => "/";

    /// <inheritdoc/>
    bool IPathMethodHandler.HandlesChildPaths => true;

    /// <inheritdoc/>
    bool ICallGate.Admits(CallHeader call)
    {
        if (call.Interface.SequenceEqual("org.freedesktop.DBus.Peer"u8)) return true; // the library replies
        if (!call.IsReplyExpected && !IsChange(call.Member)) return false; // has no effect
        lock (gate)
        {
            Caller caller = callers.Of(call.Sender);
            if (IsBelowLimits(caller))
            {
                Count(caller, 1);
                return true;
            }

            if (call.IsReplyExpected && refusals < MaxRefusals)
            {
                refusals++;
                Keep(new WaitingCall(caller, null, call.Serial, ErrorBytes));
            }

            return false;
        }
    }

    /// <summary>Runs on the library's reading thread, which must not block.</summary>
    ValueTask IPathMethodHandler.HandleMethodAsync(MethodContext context)
    {
        context.DisposesAsynchronously = true;
        uint serial = context.Request.Serial;
        int bytes = router.ReplyBytesOf(context);
        lock (gate) Keep(new WaitingCall(callers.Of(context.Request.Sender), context, serial, bytes));
        return default;
    }

    private static bool IsChange(ReadOnlySpan<byte> member)
    {
        Span<char> text = stackalloc char[MaxNameLength];
        ReadOnlySpan<char> name = text[..Encoding.UTF8.GetChars(member, text)];
        return ManagerInterface.ActionOf(name) is not null
            || DomainInterface.ActionOf(name) is not null
            || ReservationInterface.ActionOf(name) is not null;
    }

    private bool IsBelowLimits(Caller caller)
    {
        if (caller.User is not { } user)
        {
            return caller.Pending == 0 || (caller.Pending < MaxOfSender && unidentified < MaxUnidentified);
        }

        return caller.Uid == 0
            || (caller.Pending < MaxOfSender && user.Pending < MaxOfUser && pendingOfOthers < MaxOfOthers);
    }

    private void Count(Caller caller, int change)
    {
        caller.Pending += change;
        if (caller.User is { } user) user.Pending += change;
        if (caller.User is null) unidentified += change;
        else if (caller.Uid != 0) pendingOfOthers += change;
    }

    private void Keep(WaitingCall call)
    {
        Caller caller = call.Caller;
        if (caller.User is { } user)
        {
            CallLine line = call.ReplyBytes <= BusReadBytes ? user.Small : user.Large;
            line.Lane.Add(line, call);
            if (line.Lane.IsServing) return;
            line.Lane.IsServing = true;
            queue.Post(() => ServeAsync(line.Lane));
        }
        else
        {
            caller.Unidentified.Enqueue(call);
            if (caller.IsBeingIdentified) return;
            caller.IsBeingIdentified = true;
            queue.Post(() => IdentifyAsync(caller));
        }
    }

    private async Task IdentifyAsync(Caller caller)
    {
        try
        {
            (uint uid, uint? process) = await connection.GetCredentialsAsync(caller.Name);
            lock (gate)
            {
                caller.IsBeingIdentified = false;
                int pending = caller.Pending;
                Count(caller, -pending);
                (caller.Uid, caller.Process) = (uid, process);
                caller.User = UserOf(uid);
                Count(caller, pending);
                while (caller.Unidentified.TryDequeue(out WaitingCall call)) Keep(call);
            }
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            lock (gate)
            {
                caller.IsBeingIdentified = false; // its next call tries again
                while (caller.Unidentified.TryDequeue(out WaitingCall call))
                {
                    Refuse(
                        call,
                        BusErrors.AccessDenied,
                        $"cannot get the uid of {caller.Name} from the bus ({exception.Message}): try again");
                }
            }
        }
    }

    private CallUser UserOf(uint uid)
    {
        const int Remembered = 1024;
        if (uid == 0)
        {
            var line = new CallLine(roots);
            return new CallUser(line, line);
        }

        if (users.TryGetValue(uid, out CallUser? user)) return user;
        if (users.Count >= Remembered)
        {
            foreach (uint idle in users.Where(known => known.Value.Pending == 0).Select(known => known.Key).ToArray())
            {
                users.Remove(idle);
            }
        }

        users.Add(uid, user = new CallUser(new CallLine(others), new CallLine(othersLarge)));
        return user;
    }

    /// <summary>
    /// Serves a few calls at a time, as work of the server's queue like any other: publications and calls of the other
    /// lane come between.
    /// </summary>
    private async Task ServeAsync(CallLane lane)
    {
        while (true)
        {
            while (lane.Room > 0)
            {
                WaitingCall call;
                lock (gate)
                {
                    if (!lane.TryTake(out call))
                    {
                        lane.IsServing = false;
                        return;
                    }
                }

                lane.Room -= call.ReplyBytes;
                if (lane != othersLarge || await IsBusQuickAsync(call.ReplyBytes)) _ = ServeAsync(call);
                else Refuse(call, BusErrors.LimitsExceeded, "the bus is too busy for a large reply: try again later");
            }

            await connection.FlushAsync();
            lane.Room = lane.Window;
        }
    }

    /// <summary>
    /// Waits until the bus is expected to accept a reply soon. It reads a little of each connection in turn, and with
    /// many that send, a megabyte takes a minute; root's replies would wait behind it.
    /// </summary>
    private async Task<bool> IsBusQuickAsync(int replyBytes)
    {
        while (true)
        {
            long asked = Stopwatch.GetTimestamp();
            await connection.FlushAsync();
            if (Stopwatch.GetElapsedTime(asked) * replyBytes / BusReadBytes <= MaxDelay)
            {
                busySince = null;
                return true;
            }

            busySince ??= asked;
            if (Stopwatch.GetElapsedTime(busySince.Value) > Patience) return false;
            await Task.Delay(ProbeInterval);
        }
    }

    private async Task ServeAsync(WaitingCall call)
    {
        if (call.Context is not { } context)
        {
            Refuse(call, BusErrors.LimitsExceeded, "too many calls are pending: wait for the replies first");
            return;
        }

        try
        {
            await router.ServeAsync(new BusCall(context, call.Caller.Uid, call.Caller.Process));
            context.Dispose();
        }
        catch (Exception exception) when (exception is ObjectDisposedException or DBusConnectionException)
        {
            // The connection has ended; no reply can be sent.
        }
        finally
        {
            lock (gate) End(call);
        }
    }

    private void End(WaitingCall call)
    {
        if (call.Context is null) refusals--;
        else Count(call.Caller, -1);
    }

    private void Refuse(WaitingCall call, string name, string message)
    {
        lock (gate) End(call);
        try
        {
            if (call.Context is { } context)
            {
                context.ReplyError(name, message);
                context.Dispose();
                return;
            }

            MessageWriter writer = connection.Library.GetMessageWriter();
            writer.WriteError(call.Serial, Encoding.UTF8.GetBytes(call.Caller.Name), name, message);
            connection.Library.TrySendMessage(writer.CreateMessage());
            writer.Dispose();
        }
        catch (Exception exception) when (exception is ObjectDisposedException or DBusConnectionException)
        {
            // The connection has ended.
        }
    }
}
