using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>The keys of the section <c>[host]</c>.</summary>
internal static class HostKeys
{
    private const string Known = "mode, policy, interval, slack, keep-free, idle-tax, headroom, spare, pace, press-to-share, probing, override, stale-after, log-level";

    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(200), MostInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeastStale = TimeSpan.FromSeconds(5), MostStale = TimeSpan.FromHours(1);

    /// <summary>The configuration with one more key in it; unchanged, with an error more, where the key is bad.</summary>
    internal static DaemonConfiguration Apply(DaemonConfiguration before, ConfigurationKey key, List<string> errors)
    {
        BalancerSettings balancer = before.Balancer;
        if (key.Is("mode")) return before with { Mode = KeyValues.Mode(key, errors) ?? before.Mode };
        if (key.Is("interval")) return before with { Interval = KeyValues.Duration(key, LeastInterval, MostInterval, errors) ?? before.Interval };
        if (key.Is("log-level")) return before with { LogLevel = KeyValues.Level(key, errors) ?? before.LogLevel };
        if (key.Is("slack")) return before with { Balancer = balancer with { Slack = KeyValues.Size(key, errors) ?? balancer.Slack } };
        if (key.Is("keep-free")) return before with { Balancer = balancer with { KeepFree = KeyValues.Size(key, errors) } };
        if (key.Is("idle-tax")) return before with { Balancer = balancer with { IdleTax = KeyValues.Fraction(key, 1, errors) ?? balancer.IdleTax } };
        if (key.Is("headroom")) return before with { Balancer = balancer with { Headroom = KeyValues.Fraction(key, 2, errors) ?? balancer.Headroom } };
        if (key.Is("policy")) return before with { Balancer = balancer with { Policy = KeyValues.Policy(key, errors) ?? balancer.Policy } };
        if (key.Is("spare")) return before with { Balancer = balancer with { Spare = KeyValues.Spare(key, errors) ?? balancer.Spare } };
        if (key.Is("pace")) return before with { Balancer = balancer with { Pace = KeyValues.Fraction(key, 1, errors) ?? balancer.Pace } };
        if (key.Is("press-to-share")) return before with { Balancer = balancer with { PressToShare = KeyValues.YesNo(key, errors) ?? balancer.PressToShare } };
        if (key.Is("probing")) return before with { Balancer = balancer with { Probing = KeyValues.YesNo(key, errors) ?? balancer.Probing } };
        if (key.Is("override")) return before with { Balancer = balancer with { Override = KeyValues.Override(key, errors) ?? balancer.Override } };
        if (key.Is("stale-after"))
        {
            return before with { Balancer = balancer with { StaleAfter = KeyValues.Duration(key, LeastStale, MostStale, errors) ?? balancer.StaleAfter } };
        }

        errors.Add($"{key}: unknown key; there are {Known}");
        return before;
    }
}
