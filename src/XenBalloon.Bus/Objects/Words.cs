using XenBalloon.Core;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Objects;

/// <summary>
/// The words that stand for enumerated values on the bus. They are part of the interface: a word is never changed, and readers must bear with new
/// ones, except for the modes.
/// </summary>
internal static class Words
{
    internal const string Modes = "observe, active or paused";

    internal static string For(BalancerMode mode) => mode switch
    {
        BalancerMode.Observe => "observe",
        BalancerMode.Active => "active",
        BalancerMode.Paused => "paused",
        _ => throw Unknown(mode),
    };

    internal static string For(HostPressure pressure) => pressure switch
    {
        HostPressure.None => "none",
        HostPressure.Demand => "demand",
        HostPressure.Tight => "tight",
        HostPressure.Low => "low",
        _ => throw Unknown(pressure),
    };

    internal static string For(HostAlarm alarm) => alarm switch
    {
        HostAlarm.None => "none",
        HostAlarm.MinimumsExceedHost => "minimums-exceed-host",
        HostAlarm.DemandExceedsHost => "demand-exceeds-host",
        _ => throw Unknown(alarm),
    };

    internal static string For(DomainLifecycle lifecycle) => lifecycle switch
    {
        DomainLifecycle.Building => "building",
        DomainLifecycle.Running => "running",
        DomainLifecycle.Paused => "paused",
        DomainLifecycle.Suspended => "suspended",
        DomainLifecycle.Migrating => "migrating",
        DomainLifecycle.Shutdown => "shutdown",
        DomainLifecycle.Dying => "dying",
        _ => throw Unknown(lifecycle),
    };

    internal static string For(BalloonHealth health) => health switch
    {
        BalloonHealth.Unknown => "unknown",
        BalloonHealth.Cooperative => "cooperative",
        BalloonHealth.Slow => "slow",
        BalloonHealth.Stuck => "stuck",
        _ => throw Unknown(health),
    };

    internal static string For(ReservationState state) => state switch
    {
        ReservationState.Gathering => "gathering",
        ReservationState.Held => "ready",
        ReservationState.Claimed => "claimed",
        ReservationState.Completed => "completed",
        ReservationState.Cancelled => "cancelled",
        ReservationState.Expired => "expired",
        ReservationState.OwnerLeft => "owner-left",
        ReservationState.DomainDied => "domain-died",
        ReservationState.Abandoned => "abandoned",
        _ => throw Unknown(state),
    };

    internal static string For(ReportSource? source) => source switch
    {
        null => "none",
        ReportSource.XenServer => "xenserver",
        ReportSource.Qubes => "qubes",
        ReportSource.Agent => "agent",
        _ => throw Unknown(source),
    };

    internal static string For(ReportVerdict? verdict) => verdict switch
    {
        null => "none",
        ReportVerdict.Silent => "silent",
        ReportVerdict.Stale => "stale",
        ReportVerdict.Implausible => "implausible",
        ReportVerdict.Fresh => "fresh",
        ReportVerdict.Flooding => "flooding",
        _ => throw Unknown(verdict),
    };

    /// <summary>The mode that a word stands for; null when it stands for none.</summary>
    internal static BalancerMode? ToMode(string word) => word switch
    {
        "observe" => BalancerMode.Observe,
        "active" => BalancerMode.Active,
        "paused" => BalancerMode.Paused,
        _ => null,
    };

    private static ArgumentOutOfRangeException Unknown(object value) => new(nameof(value), value, "has no word on the bus");
}
