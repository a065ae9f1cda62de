using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>The operator's wishes, as far as they bear on decisions. Every value has a default that is safe on a production host.</summary>
public sealed record BalancerSettings
{
    /// <summary>Always left free: the hypervisor, xl and grants need some memory at any moment.</summary>
    public KiB Slack { get; init; } = KiB.FromMiB(64);

    /// <summary>Left free for the next domain to start; only a domain that has less than it needs may draw on it. Null for 5 % of the host.</summary>
    public KiB? KeepFree { get; init; }

    /// <summary>Idle tax τ, 0 to below 1: how much more an idle page costs its holder than one in use (Waldspurger, OSDI 2002).</summary>
    public double IdleTax { get; init; } = 0.75;

    /// <summary>Headroom above what is in use, as a part of it (Hyper-V's buffer: 20 %).</summary>
    public double Headroom { get; init; } = 0.20;

    /// <summary>A report older than this says nothing any more. XenServer's agents write every 60 to 120 s.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Said of every domain, where its own rules are silent.</summary>
    public DomainSettings Defaults { get; init; } = DomainSettings.None;

    /// <summary>Said of some domains, in the order in which they count: globs before exact names, else as they were given.</summary>
    public ImmutableArray<DomainRule> Rules
    {
        get;
        init => field = value.IsEmpty ? value : [.. value.OrderBy(rule => !rule.IsGlob)];
    }
    = [];

    /// <summary>What holds for one domain: the defaults, then the globs that match, then its exact name or UUID; of two alike the later.</summary>
    public DomainSettings For(DomainIdentity identity, string name)
    {
        DomainSettings settings = Defaults;
        foreach (DomainRule rule in Rules)
        {
            if (rule.Matches(identity, name)) settings = settings.With(rule.Settings);
        }

        return settings;
    }
}
