using XenBalloon.Core.Memory;

namespace XenBalloon.Core;

/// <summary>The host as the decision saw it.</summary>
/// <param name="Total">The machine's memory.</param>
/// <param name="Free">Free now.</param>
/// <param name="Slack">Always left free.</param>
/// <param name="KeepFree">Left free for the next domain to start, besides the slack.</param>
/// <param name="Pressure">How urgently memory must move.</param>
/// <param name="Alarm">What an operator should look at.</param>
public readonly record struct HostDecision(KiB Total, KiB Free, KiB Slack, KiB KeepFree, HostPressure Pressure, HostAlarm Alarm)
{
    /// <summary>Free memory that is set aside for reservations.</summary>
    public KiB Reserved { get; init; }

    /// <summary>What must still be freed for reservations.</summary>
    public KiB Awaited { get; init; }
}
