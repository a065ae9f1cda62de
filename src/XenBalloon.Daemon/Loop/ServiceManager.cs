using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace XenBalloon.Daemon.Loop;

/// <summary>What we tell systemd, where it listens (NOTIFY_SOCKET); elsewhere nothing happens.</summary>
internal sealed class ServiceManager(TimeProvider time)
{
    private readonly SystemdNotifier notifier = new();

    /// <summary>We serve: the bus name is ours.</summary>
    internal void Ready() => notifier.Notify(ServiceState.Ready);

    /// <summary>The loop has come round: it alone feeds the watchdog, so that a loop that hangs is noticed.</summary>
    /// <param name="status">One line for <c>systemctl status</c>.</param>
    internal void Alive(string status) => notifier.Notify(new ServiceState($"WATCHDOG=1\nSTATUS={status}"));

    /// <summary>We are reading the configuration anew.</summary>
    internal void Reloading() => notifier.Notify(new ServiceState(string.Create(
        CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={time.GetTimestamp() / (time.TimestampFrequency / 1_000_000)}")));

    /// <summary>We are on the way out.</summary>
    internal void Stopping() => notifier.Notify(ServiceState.Stopping);
}
