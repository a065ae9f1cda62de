using Microsoft.Extensions.Logging;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>The configuration, checked.</summary>
internal sealed record DaemonConfiguration
{
    /// <summary>What to do with plans at the start; to write nothing is what an unknown host is owed.</summary>
    internal BalancerMode Mode { get; init; } = BalancerMode.Observe;

    /// <summary>How long a quiet host goes without being looked at; a change is noticed at once.</summary>
    internal TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The least severe messages that are logged.</summary>
    internal LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>What bears on decisions.</summary>
    internal BalancerSettings Balancer { get; init; } = new();

    /// <summary>This configuration with some of what bears on decisions changed.</summary>
    internal DaemonConfiguration With(Func<BalancerSettings, BalancerSettings> change) =>
        this with { Balancer = change(Balancer) };
}
