using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Bounds what callers can have the daemon remember: anyone may call, and the library queues calls and answers without
/// bounds.
/// </summary>
internal sealed class CallLimit
{
    /// <summary>
    /// The calls of one connection that may wait; dbus-daemon has the same limit for calls that expect an answer.
    /// </summary>
    internal const int MostCalls = 128;

    private const int MostLarge = 64;

    private readonly Dictionary<string, int> calls = new(StringComparer.Ordinal);
    private Task lastLarge = Task.CompletedTask;
    private int large;

    /// <summary>Takes a call in; from any thread.</summary>
    /// <returns>Whether the caller has not too many waiting already.</returns>
    internal bool TryEnter(string caller)
    {
        lock (calls)
        {
            int before = calls.GetValueOrDefault(caller);
            if (before >= MostCalls) return false;
            calls[caller] = before + 1;
            return true;
        }
    }

    /// <summary>A call that was taken in is answered; from any thread.</summary>
    internal void Leave(string caller)
    {
        lock (calls)
        {
            if (calls[caller] == 1) calls.Remove(caller);
            else calls[caller]--;
        }
    }

    /// <summary>Does the work for a large answer when that for the ones before is done; in the bus's turn.</summary>
    /// <exception cref="BusErrorException">Too many wait already.</exception>
    internal async Task OneAtATimeAsync(Func<Task> answer)
    {
        if (large >= MostLarge)
        {
            throw new BusErrorException(
                BusErrors.LimitsExceeded, $"{MostLarge} such calls wait already: try again later");
        }

        large++;
        Task before = lastLarge;
        var done = new TaskCompletionSource();
        lastLarge = done.Task;
        try
        {
            await before;
            await answer();
        }
        finally
        {
            large--;
            done.SetResult();
        }
    }
}
