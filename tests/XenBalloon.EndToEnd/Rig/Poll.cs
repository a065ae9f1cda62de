using System.Diagnostics;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>Waits for conditions.</summary>
internal static class Poll
{
    /// <summary>Far more than any condition here needs, so that only a failing test reaches it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? limit = null) =>
        ForAsync(what, async () => await condition() ? Found : null, limit);

    /// <summary>Waits for a value that is not null, and returns it.</summary>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> find, TimeSpan? limit = null) where T : class
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(500))
        {
            if (await find() is { } found)
                return found;
            if (waited.Elapsed > (limit ?? Limit))
                throw new AssertionException($"waited {waited.Elapsed.TotalSeconds:0} s, but not: {what}");
        }
    }

    private static readonly object Found = new();
}
