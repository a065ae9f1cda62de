using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>
/// The operator's wishes, as far as they bear on decisions. Every value has a default that is safe on a production
/// host.
/// </summary>
public sealed record BalancerSettings
{
    /// <summary>Always left free: the hypervisor, xl and grants need some memory at any moment.</summary>
    public KiB Slack { get; init; } = KiB.FromMiB(64);

    /// <summary>
    /// Left free for the next domain to start. What domains need, what they will need next, and headroom go before it;
    /// what was used lately and page cache come after it. Null for 3 % of the host.
    /// </summary>
    public KiB? KeepFree { get; init; }

    /// <summary>How memory is divided among domains.</summary>
    public PolicyKind Policy { get; init; } = PolicyKind.FairShare;

    /// <summary>
    /// What becomes of memory that no domain needs; only where <see cref="Policy"/> looks at needs.
    /// </summary>
    public SpareUse Spare { get; init; } = SpareUse.Keep;

    /// <summary>How to treat targets set by other tools.</summary>
    public OverrideHandling Override { get; init; } = OverrideHandling.Pin;

    /// <summary>
    /// Whether the balancer only looks on. Other tools then set the targets, as they did before the balancer ran: none
    /// of these targets counts as an override, and none keeps its domain pinned when balancing begins.
    /// </summary>
    public bool Observes { get; init; }

    /// <summary>
    /// Whether a domain that uses more than its share gives it back, in small steps and into its own swap, while
    /// another lacks its share and nothing is idle any more. Otherwise what is in use is never taken, and the domain
    /// that used it first keeps it.
    /// </summary>
    public bool PressToShare { get; init; } = true;

    /// <summary>
    /// Whether to search for memory that guests count as used and do not use, by taking a little of it now and then.
    /// </summary>
    public bool Probing { get; init; }

    /// <summary>
    /// Idle tax τ, 0 to below 1: how much more an idle page costs its holder than one in use (Waldspurger, OSDI 2002).
    /// </summary>
    public double IdleTax { get; init; } = 0.75;

    /// <summary>Headroom above what is in use, as a part of it (Hyper-V's buffer: 20 %).</summary>
    public double Headroom { get; init; } = 0.20;

    /// <summary>
    /// Without need, a domain gives up no more than this part of its memory in 10 s, or a quarter of what it has too
    /// much; 0 leaves it all until another domain needs it.
    /// </summary>
    public double Pace { get; init; } = 0.05;

    /// <summary>Reports older than this are ignored. XenServer's agents write every 60 to 120 s.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The settings of every domain, where its own rules set nothing.</summary>
    public DomainSettings Defaults { get; init; } = DomainSettings.None;

    /// <summary>
    /// The settings of some domains, in the order in which they count: globs before exact names, else as they were
    /// given.
    /// </summary>
    public ImmutableArray<DomainRule> Rules
    {
        get;
        init => field = value.IsEmpty ? value : [.. value.OrderBy(rule => !rule.IsGlob)];
    }
    = [];

    /// <summary>The settings that were made for single domains while the balancer runs.</summary>
    public RuntimeSettings Runtime { get; init; } = RuntimeSettings.None;

    /// <summary>
    /// What holds for one domain: the defaults, then the globs that match, then its exact name or UUID, of two alike
    /// the later; then the settings that were made while the balancer ran.
    /// </summary>
    public DomainSettings For(DomainIdentity identity, string name)
    {
        DomainSettings settings = Defaults;
        foreach (DomainRule rule in Rules)
        {
            if (rule.Matches(identity, name)) settings = settings.With(rule.Settings);
        }

        DomainSettings said = Runtime.For(identity.Uuid);
        return ReferenceEquals(said, DomainSettings.None) ? settings : settings.With(said);
    }

    /// <summary>
    /// Where each setting of a domain comes from, the source that counts for each, in one line:
    /// <c>min: [defaults]; weight: set, kept; pin: set until the daemon ends</c>. Empty where nothing is set.
    /// </summary>
    public string Origins(DomainIdentity identity, string name)
    {
        var layers = new List<(string Where, DomainSettings Said)> { ("[defaults]", Defaults) };
        layers.AddRange(
            from rule in Rules
            where rule.Matches(identity, name)
            select ($"[domain \"{rule.Pattern}\"]", rule.Settings));
        layers.Add(("set, kept", Runtime.Kept.GetValueOrDefault(identity.Uuid) ?? DomainSettings.None));
        layers.Add((
            "set until the daemon ends",
            Runtime.Transient.GetValueOrDefault(identity.Uuid) ?? DomainSettings.None));
        return string.Join("; ", from setting in DomainSetting.All
                                 let origin = layers.LastOrDefault(layer => setting.Get(layer.Said) is not null).Where
                                 where origin is not null
                                 select $"{setting.Name}: {origin}");
    }
}
