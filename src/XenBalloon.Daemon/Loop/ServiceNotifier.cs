using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace XenBalloon.Daemon.Loop;

/// <summary>Notifies systemd as sd_notify(3) does; without NOTIFY_SOCKET it does nothing.</summary>
internal sealed class ServiceNotifier(TimeProvider time, ISystemdNotifier notifier)
{
    /// <summary>The bounds of <see cref="WatchdogInterval"/>, in microseconds.</summary>
    private const ulong Shortest = 10_000, Longest = 3_600_000_000;

    private string? shownStatus;
    private long notifiedAt;

    /// <summary>
    /// Half of the time after which systemd kills a service that does not notify it, WATCHDOG_USEC; null if it does not
    /// watch this process.
    /// </summary>
    internal TimeSpan? WatchdogInterval { get; init; } = ParseWatchdog(
        Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"));

    /// <summary>The daemon has its bus name and answers requests.</summary>
    internal void Ready() => notifier.Notify(ServiceState.Ready);

    /// <summary>
    /// A pass is complete. Only the loop feeds the watchdog, so that a loop that hangs is found. Each message wakes the
    /// service manager, so one that tells nothing new is sent only when the watchdog needs it.
    /// </summary>
    /// <param name="status">One line for <c>systemctl status</c>.</param>
    internal void Alive(string status)
    {
        bool isDue = time.GetElapsedTime(notifiedAt) >= WatchdogInterval / 2;
        if (status == shownStatus && !isDue) return;
        (shownStatus, notifiedAt) = (status, time.GetTimestamp());
        notifier.Notify(new ServiceState($"WATCHDOG=1\nSTATUS={status}"));
    }

    /// <summary>The loop waits.</summary>
    internal void StillAlive()
    {
        notifiedAt = time.GetTimestamp();
        notifier.Notify(new ServiceState("WATCHDOG=1"));
    }

    /// <summary>The configuration is being reloaded, until <see cref="Ready"/>.</summary>
    internal void Reloading()
    {
        long microseconds = time.GetTimestamp() / (time.TimestampFrequency / 1_000_000);
        notifier.Notify(new ServiceState(
            string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}")));
    }

    /// <summary>The daemon is about to exit.</summary>
    internal void Stopping() => notifier.Notify(ServiceState.Stopping);

    /// <summary>
    /// Half of the watchdog's period, from the variables that systemd sets; see sd_watchdog_enabled(3).
    /// </summary>
    /// <param name="period">WATCHDOG_USEC, in microseconds.</param>
    /// <param name="process">WATCHDOG_PID, the watched process; null for this one.</param>
    internal static TimeSpan? ParseWatchdog(string? period, string? process)
    {
        if (process is not null && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        bool isNumber =
            ulong.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out ulong microseconds);
        if (!isNumber || microseconds == 0) return null;
        return TimeSpan.FromMicroseconds(Math.Clamp(microseconds / 2, Shortest, Longest));
    }
}
