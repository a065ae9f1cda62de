using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Limits the memory that callers can make the daemon use: anyone may call, and the library's queues of calls and
/// replies are unbounded.
/// </summary>
internal sealed class CallLimit
{
    /// <summary>
    /// Most pending calls per connection; dbus-daemon has the same limit for calls that expect a reply.
    /// </summary>
    internal const int MaxCalls = 128;

    private const int MaxLarge = 64;

    private readonly Dictionary<string, int> pending = new(StringComparer.Ordinal);
    private Task lastLarge = Task.CompletedTask;
    private int pendingLarge;

    /// <summary>Counts a call; callable from any thread.</summary>
    /// <returns>Whether the caller is below its limit.</returns>
    internal bool TryEnter(string caller)
    {
        lock (pending)
        {
            int count = pending.GetValueOrDefault(caller);
            if (count >= MaxCalls) return false;
            pending[caller] = count + 1;
            return true;
        }
    }

    /// <summary>Uncounts a call that has its reply; callable from any thread.</summary>
    internal void Leave(string caller)
    {
        lock (pending)
        {
            if (pending[caller] == 1) pending.Remove(caller);
            else pending[caller]--;
        }
    }

    /// <summary>Sends a large reply after all earlier ones; call it on the server's queue.</summary>
    /// <exception cref="BusErrorException">Too many large replies are pending.</exception>
    internal async Task RunExclusiveAsync(Func<Task> reply)
    {
        if (pendingLarge >= MaxLarge)
        {
            throw new BusErrorException(
                BusErrors.LimitsExceeded, $"{MaxLarge} such calls are pending already: try again later");
        }

        pendingLarge++;
        Task previous = lastLarge;
        var done = new TaskCompletionSource();
        lastLarge = done.Task;
        try
        {
            await previous;
            await reply();
        }
        finally
        {
            pendingLarge--;
            done.SetResult();
        }
    }
}
