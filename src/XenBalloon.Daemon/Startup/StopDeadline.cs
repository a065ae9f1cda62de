using XenBalloon.Daemon.Loop;
using XenBalloon.Posix;

namespace XenBalloon.Daemon.Startup;

/// <summary>
/// Ends the process if a stop takes too long: xenstored, the hypervisor, the bus, a disk or a log may hang. What must
/// survive is saved in each pass.
/// </summary>
internal static class StopDeadline
{
    private static ITimer? timer;

    /// <summary>Starts the time.</summary>
    internal static void Begin(TimeSpan limit, TimeProvider time) => timer ??= time.CreateTimer(
        static _ => Libc.Exit((int)ExitStatus.Failed), null, limit, Timeout.InfiniteTimeSpan);
}
