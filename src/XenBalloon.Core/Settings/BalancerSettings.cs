using System.Collections.Immutable;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Settings;

/// <summary>How memory is divided among domains.</summary>
public enum PolicyKind
{
    /// <summary>By weights, with a tax on idle memory: memory in use comes first (Waldspurger, OSDI 2002).</summary>
    FairShare,

    /// <summary>
    /// Each domain gets the same fraction of its range above its minimum, regardless of its need, as with squeezed.
    /// </summary>
    Proportional,

    /// <summary>The minimums, and the rest by weights, whatever the domains need (Proxmox).</summary>
    Shares,

    /// <summary>Each domain keeps what it has: memory moves only for reservations.</summary>
    Static,
}

/// <summary>How to use memory that no domain needs.</summary>
public enum SpareUse
{
    /// <summary>
    /// It stays free for the next domain that needs it. A guest whose kernel reports stalls gives its surplus up
    /// slowly; other guests keep theirs until it is needed.
    /// </summary>
    Keep,

    /// <summary>It is lent out by weight, as cache that can be taken back.</summary>
    Lend,
}

/// <summary>How to treat targets set by other tools: <c>xl mem-set</c> is an operator's order.</summary>
public enum OverrideHandling
{
    /// <summary>Balancing continues from there.</summary>
    Ignore,

    /// <summary>The domain stays at that size until it is unpinned.</summary>
    Pin,

    /// <summary>The domain is balanced, but never above that size.</summary>
    Adopt,
}

/// <summary>Whether plans are carried out.</summary>
public enum BalancerMode
{
    /// <summary>Plans are computed and published, and nothing is written.</summary>
    Observe,

    /// <summary>Plans are carried out.</summary>
    Active,

    /// <summary>
    /// As <see cref="Observe"/>, on an operator's request at run time, until balancing is activated again.
    /// </summary>
    Paused,
}

/// <summary>
/// The operator's settings that affect decisions. Every setting has a default that is safe on a production host.
/// </summary>
public sealed record BalancerSettings
{
    /// <summary>Memory that always stays free: the hypervisor, xl and grants need some at any moment.</summary>
    public KiB Slack { get; init; } = KiB.FromMiB(64);

    /// <summary>
    /// Memory left free for the next domain to start. Need, expected growth and headroom of domains go before it; what
    /// was used recently and page cache come after it. Null for 3 % of the host.
    /// </summary>
    public KiB? KeepFree { get; init; }

    /// <summary>How memory is divided among domains.</summary>
    public PolicyKind Policy { get; init; } = PolicyKind.FairShare;

    /// <summary>
    /// How to use memory that no domain needs; only for a <see cref="Policy"/> that considers need.
    /// </summary>
    public SpareUse Spare { get; init; } = SpareUse.Keep;

    /// <summary>How to treat targets set by other tools.</summary>
    public OverrideHandling Override { get; init; } = OverrideHandling.Pin;

    /// <summary>
    /// Whether the balancer only observes. Then other tools set the targets, as they did before the balancer ran: none
    /// of these targets counts as an override, so none keeps its domain pinned when balancing begins.
    /// </summary>
    public bool Observes { get; init; }

    /// <summary>
    /// Whether every managed domain gets back what it booted with, instead of being balanced: those that have less grow
    /// as far as memory is free, and others give up what they have above it and do not use. Policy, ranges and pins do
    /// not count, since they are the balancer's own; a target that another tool set is left alone.
    /// </summary>
    public bool Restores { get; init; }

    /// <summary>
    /// Whether a domain that uses more than its share is pressed into its own swap, in small steps, while another
    /// domain lacks its share and no memory is idle. Otherwise memory in use is never taken, and the domain that used
    /// it first keeps it.
    /// </summary>
    public bool PressToShare { get; init; } = true;

    /// <summary>
    /// Whether to search for memory that guests count as used and do not use, by taking a little at a time.
    /// </summary>
    public bool Probing { get; init; }

    /// <summary>
    /// Idle tax τ, 0 to below 1: how much more an idle page costs its holder than one in use (Waldspurger, OSDI 2002).
    /// </summary>
    public double IdleTax { get; init; } = 0.75;

    /// <summary>Headroom as a fraction of the memory in use (Hyper-V's buffer: 20 %).</summary>
    public double Headroom { get; init; } = 0.20;

    /// <summary>
    /// Without need, a domain gives up at most this fraction of its memory in 10 s, or a quarter of its surplus if that
    /// is more; with 0 it keeps its surplus until another domain needs it.
    /// </summary>
    public double Pace { get; init; } = 0.05;

    /// <summary>Reports older than this are ignored. XenServer's agents write every 60 to 120 s.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The settings of every domain, unless its rules set others.</summary>
    public DomainSettings Defaults { get; init; } = DomainSettings.None;

    /// <summary>
    /// Settings for some domains, in order of precedence, the weakest first: globs before exact names, otherwise as
    /// given.
    /// </summary>
    public ImmutableArray<DomainRule> Rules
    {
        get;
        init => field = value.IsEmpty ? value : [.. value.OrderBy(rule => !rule.IsGlob)];
    }
    = [];

    /// <summary>Settings of single domains that were made at run time.</summary>
    public RuntimeSettings Runtime { get; init; } = RuntimeSettings.None;

    /// <summary>
    /// The settings in force for a domain: the defaults, then matching globs, then its exact name or UUID (the later of
    /// two equal patterns wins), then the settings made at run time.
    /// </summary>
    public DomainSettings For(DomainIdentity identity, string name)
    {
        DomainSettings settings = Defaults;
        foreach (DomainRule rule in Rules)
        {
            if (rule.Matches(identity, name)) settings = settings.With(rule.Settings);
        }

        DomainSettings runtime = Runtime.For(identity.Uuid, name);
        return ReferenceEquals(runtime, DomainSettings.None) ? settings : settings.With(runtime);
    }

    /// <summary>
    /// The source of each setting that is in force for a domain, in one line:
    /// <c>min: [defaults]; weight: set, kept for its name</c>. Empty if nothing is set.
    /// </summary>
    public string Origins(DomainIdentity identity, string name) => string.Join(
        "; ",
        from setting in DomainSetting.All
        let origin = Origin(setting, identity, name)
        where origin is not null
        select $"{setting.Name}: {origin}");

    /// <summary>The source of a setting that is in force for a domain; null if it is not set.</summary>
    public string? Origin(DomainSetting setting, DomainIdentity identity, string name)
    {
        ArgumentNullException.ThrowIfNull(setting);
        var layers = new List<(string Source, DomainSettings Settings)> { ("[defaults]", Defaults) };
        layers.AddRange(
            from rule in Rules
            where rule.Matches(identity, name)
            select ($"[domain \"{rule.Pattern}\"]", rule.Settings));
        layers.AddRange(Runtime.Layers(identity.Uuid, name));
        return layers.LastOrDefault(layer => setting.Get(layer.Settings) is not null).Source;
    }
}
