using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Server;

/// <summary>A call that waits.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Context">The library's object; null if the call is refused and only its error is left to send.</param>
/// <param name="Serial">Its serial.</param>
/// <param name="ReplyBytes">About how large its reply is.</param>
internal readonly record struct WaitingCall(Caller Caller, MethodContext? Context, uint Serial, int ReplyBytes);

/// <summary>A user, or one of root's clients.</summary>
/// <param name="small">Its calls with small replies.</param>
/// <param name="large">Its calls with large replies; the same line for root.</param>
internal sealed class CallUser(CallLine small, CallLine large)
{
    internal CallLine Small => small;

    internal CallLine Large => large;

    /// <summary>How many of its calls have no reply yet, without those that are refused.</summary>
    internal int Pending { get; set; }
}

/// <summary>Calls that wait for their turn.</summary>
internal sealed class CallLine(CallLane lane)
{
    /// <summary>Where it takes its turn.</summary>
    internal CallLane Lane => lane;

    internal Queue<WaitingCall> Calls { get; } = [];
}

/// <summary>Lines of calls that are served in turn.</summary>
/// <param name="window">How many bytes are sent before the bus must have accepted them.</param>
internal sealed class CallLane(int window)
{
    private readonly Queue<CallLine> turns = [];

    /// <summary>How many bytes are sent before the bus must have accepted them.</summary>
    internal int Window { get; } = window;

    /// <summary>How many more may be sent before that.</summary>
    internal int Room { get; set; } = window;

    /// <summary>Whether its calls are being served.</summary>
    internal bool IsServing { get; set; }

    /// <summary>Adds a call.</summary>
    internal void Add(CallLine line, WaitingCall call)
    {
        line.Calls.Enqueue(call);
        if (line.Calls.Count == 1) turns.Enqueue(line);
    }

    /// <summary>Takes the next call of the line whose turn it is.</summary>
    internal bool TryTake(out WaitingCall call)
    {
        call = default;
        if (!turns.TryDequeue(out CallLine? line)) return false;
        call = line.Calls.Dequeue();
        if (line.Calls.Count > 0) turns.Enqueue(line);
        return true;
    }
}
