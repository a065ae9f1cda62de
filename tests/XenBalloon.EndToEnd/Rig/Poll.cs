using System.Diagnostics;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>Waiting for what must come, without saying when.</summary>
internal static class Poll
{
    /// <summary>Far more than anything here needs: a condition either comes true or the test is lost.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? limit = null) =>
        ForAsync(what, async () => await condition().ConfigureAwait(false) ? Found : null, limit);

    /// <summary>Waits for a value that is not null, and gives it.</summary>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> find, TimeSpan? limit = null) where T : class
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(TimeSpan.FromMilliseconds(500)).ConfigureAwait(false))
        {
            if (await find().ConfigureAwait(false) is { } found)
                return found;
            if (waited.Elapsed > (limit ?? Limit))
                throw new AssertionException($"waited {waited.Elapsed.TotalSeconds:0} s in vain until {what}");
        }
    }

    private static readonly object Found = new();
}
