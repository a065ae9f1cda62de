using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace XenBalloon.Daemon.Loop;

/// <summary>Notifies systemd as sd_notify(3) does; without NOTIFY_SOCKET it does nothing.</summary>
internal sealed class ServiceNotifier(TimeProvider time, ISystemdNotifier notifier)
{

    /// <summary>
    /// Half of the time after which systemd kills a service that does not notify it, WATCHDOG_USEC; null if it does not
    /// watch this process.
    /// </summary>
    internal TimeSpan? WatchdogInterval { get; init; } = ReadWatchdog() / 2;

    /// <summary>The daemon has its bus name and answers requests.</summary>
    internal void Ready() => notifier.Notify(ServiceState.Ready);

    /// <summary>A pass is complete. Only the loop feeds the watchdog, so that a loop that hangs is found.</summary>
    /// <param name="status">One line for <c>systemctl status</c>.</param>
    internal void Alive(string status) => notifier.Notify(new ServiceState($"WATCHDOG=1\nSTATUS={status}"));

    /// <summary>The loop waits.</summary>
    internal void StillAlive() => notifier.Notify(new ServiceState("WATCHDOG=1"));

    /// <summary>The configuration is being reloaded, until <see cref="Ready"/>.</summary>
    internal void Reloading()
    {
        long microseconds = time.GetTimestamp() / (time.TimestampFrequency / 1_000_000);
        notifier.Notify(new ServiceState(
            string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}")));
    }

    /// <summary>The daemon is about to exit.</summary>
    internal void Stopping() => notifier.Notify(ServiceState.Stopping);

    private static TimeSpan? ReadWatchdog()
    {
        string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        if (process is not null && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        string? period = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        bool isValid = long.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds);
        return isValid && microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds) : null;
    }
}
