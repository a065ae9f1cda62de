using System.Diagnostics;

namespace XenBalloon.Testing;

/// <summary>
/// Waits for the effect of another process or thread; only a failing test reaches the time limit.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a condition holds.</summary>
    public static void Holds(Func<bool> condition, Func<string> failure)
    {
        for (long started = Stopwatch.GetTimestamp(); !condition(); Thread.Sleep(20))
        {
            if (Stopwatch.GetElapsedTime(started) > Limit) Assert.Fail(failure());
        }
    }
}
