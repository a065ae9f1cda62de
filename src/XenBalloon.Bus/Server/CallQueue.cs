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
internal sealed class CallQueue(BusConnection connection, SerialQueue queue, Func<BusCall, Task> serve)
    : IPathMethodHandler, ICallGate
{
    private const int MaxOfSender = 64, MaxOfUser = 128, MaxOfOthers = 512;

    /// <summary>Most calls whose callers' uids are not known yet; beyond, one of each caller is kept.</summary>
    private const int MaxUnidentified = 512;

    /// <summary>Most refusals that wait to be sent; a call beyond gets no reply.</summary>
    private const int MaxRefusals = 2048;

    private const int MaxNameLength = 255;

    private readonly Lock gate = new();
    private readonly Callers callers = new();
    private readonly Dictionary<uint, CallLine> users = [];
    private readonly CallLane roots = new(window: 32), others = new(window: 8);
    private int unidentified, refusals;

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
                Keep(new WaitingCall(caller, null, call.Serial));
            }

            return false;
        }
    }

    /// <summary>Runs on the library's reading thread, which must not block.</summary>
    ValueTask IPathMethodHandler.HandleMethodAsync(MethodContext context)
    {
        context.DisposesAsynchronously = true;
        lock (gate) Keep(new WaitingCall(callers.Of(context.Request.Sender), context, context.Request.Serial));
        return default;
    }

    private static bool IsChange(ReadOnlySpan<byte> member)
    {
        Span<char> text = stackalloc char[MaxNameLength];
        ReadOnlySpan<char> name = text[..Encoding.UTF8.GetChars(member, text)];
        return (ManagerInterface.ActionOf(name) ?? DomainInterface.ActionOf(name) ?? ReservationInterface.ActionOf(name))
            is not null;
    }

    /// <summary>Whether the reply has more than a few kilobytes.</summary>
    private static bool IsLarge(MethodContext context) =>
        context.IsDBusIntrospectRequest || context.Request.Member.SequenceEqual("GetManagedObjects"u8);

    private bool IsBelowLimits(Caller caller)
    {
        if (caller.Line is not { } line)
        {
            return caller.Pending == 0 || (caller.Pending < MaxOfSender && unidentified < MaxUnidentified);
        }

        return line.Lane == roots
            || (caller.Pending < MaxOfSender && line.Pending < MaxOfUser && others.Pending < MaxOfOthers);
    }

    private void Count(Caller caller, int change)
    {
        caller.Pending += change;
        if (caller.Line is { } line)
        {
            line.Pending += change;
            line.Lane.Pending += change;
        }
        else
        {
            unidentified += change;
        }
    }

    private void Keep(WaitingCall call)
    {
        Caller caller = call.Caller;
        if (caller.Line is { } line)
        {
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
            uint uid = await connection.GetUidAsync(caller.Name);
            lock (gate)
            {
                caller.IsBeingIdentified = false;
                int pending = caller.Pending;
                Count(caller, -pending);
                caller.Uid = uid;
                caller.Line = uid == 0 ? new CallLine(roots) : LineOf(uid);
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
                    End(call);
                    SendError(
                        call,
                        BusErrors.AccessDenied,
                        $"cannot get the uid of {caller.Name} from the bus ({exception.Message}): try again");
                }
            }
        }
    }

    private CallLine LineOf(uint uid)
    {
        const int Remembered = 1024;
        if (users.TryGetValue(uid, out CallLine? line)) return line;
        if (users.Count >= Remembered)
        {
            foreach (uint idle in users.Where(user => user.Value.Pending == 0).Select(user => user.Key).ToArray())
            {
                users.Remove(idle);
            }
        }

        users.Add(uid, line = new CallLine(others));
        return line;
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

                lane.Room -= call.Context is { } context && IsLarge(context) ? lane.Window : 1;
                _ = ServeAsync(call);
            }

            await connection.FlushAsync();
            lane.Room = lane.Window;
        }
    }

    private async Task ServeAsync(WaitingCall call)
    {
        if (call.Context is not { } context)
        {
            SendError(call, BusErrors.LimitsExceeded, "too many calls are pending: wait for the replies first");
            lock (gate) End(call);
            return;
        }

        try
        {
            await serve(new BusCall(context, call.Caller.Uid));
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

    private void SendError(WaitingCall call, string name, string message)
    {
        if (call.Context is { NoReplyExpected: true }) return;
        try
        {
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
