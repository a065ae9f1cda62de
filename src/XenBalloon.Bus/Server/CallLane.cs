using Tmds.DBus.Protocol;

namespace XenBalloon.Bus.Server;

/// <summary>A call that waits.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Context">The library's object; null if the call is refused and only its error is left to send.</param>
/// <param name="Serial">Its serial.</param>
internal readonly record struct WaitingCall(Caller Caller, MethodContext? Context, uint Serial);

/// <summary>The calls of one user, or of one of root's clients.</summary>
internal sealed class CallLine(CallLane lane)
{
    /// <summary>Where it takes its turn.</summary>
    internal CallLane Lane => lane;

    /// <summary>Those that wait.</summary>
    internal Queue<WaitingCall> Calls { get; } = [];

    /// <summary>How many have no reply yet, without those that are refused.</summary>
    internal int Pending { get; set; }
}

/// <summary>Lines of calls that are served in turn.</summary>
/// <param name="window">How many replies are sent before the bus must have accepted them.</param>
internal sealed class CallLane(int window)
{
    private readonly Queue<CallLine> turns = [];

    /// <summary>How many replies are sent before the bus must have accepted them.</summary>
    internal int Window { get; } = window;

    /// <summary>How many more may be sent before that.</summary>
    internal int Room { get; set; } = window;

    /// <summary>Whether its calls are being served.</summary>
    internal bool IsServing { get; set; }

    /// <summary>How many calls have no reply yet, without those that are refused.</summary>
    internal int Pending { get; set; }

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
