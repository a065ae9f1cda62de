using System.Diagnostics;

namespace XenBalloon.Testing;

/// <summary>
/// Waits for what another process or thread does soon; the bound is only there to end a test that fails.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the condition holds.</summary>
    public static void Holds(Func<bool> condition, Func<string> otherwise)
    {
        for (long started = Stopwatch.GetTimestamp(); !condition(); Thread.Sleep(20))
        {
            if (Stopwatch.GetElapsedTime(started) > Limit) Assert.Fail(otherwise());
        }
    }
}
