using System.Diagnostics;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>Waits for what other processes do, with bounds that only a broken one passes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Waits until it is so.</summary>
    public static void True(Func<bool> condition, string what) => True(condition, () => what);

    /// <summary>Waits until it is so.</summary>
    public static void True(Func<bool> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience) throw new TimeoutException($"not so within {Patience.TotalSeconds} s: {what()}");
            Thread.Sleep(5);
        }
    }
}
