using System.Collections.Immutable;
using XenBalloon.Core.Demand;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>The decision on one domain, and everything that it rests on.</summary>
public sealed record DomainDecision
{
    /// <summary>The domain in the snapshot.</summary>
    public required DomainSnapshot Domain { get; init; }

    /// <summary>Whether the balancer may move its memory at all.</summary>
    public bool Managed { get; init; }

    /// <summary>dynamic-min in force.</summary>
    public KiB Minimum { get; init; }

    /// <summary>dynamic-max in force.</summary>
    public KiB Maximum { get; init; }

    /// <summary>The memory it booted with; null if unknown.</summary>
    public KiB? BootMemory { get; init; }

    /// <summary>A setting that is not in force, since its range does not allow it; null if there is none.</summary>
    public SettingConflict? Conflict { get; init; }

    /// <summary>Shares in force.</summary>
    public int Weight { get; init; }

    /// <summary>What it needs; null if it is not managed.</summary>
    public DomainDemand? Demand { get; init; }

    /// <summary>
    /// <see cref="Demand"/> as it is shown: no amount exceeds <see cref="Maximum"/>, although a domain may request more
    /// while its shortage cannot be measured.
    /// </summary>
    public DomainDemand? ShownDemand => Demand?.Within(Maximum, Domain.Actual);

    /// <summary>
    /// What it is entitled to now, by its weight and by what it and the other domains need; null if no memory is shared
    /// out to it.
    /// </summary>
    public KiB? Entitlement { get; init; }

    /// <summary>
    /// Its share by weight alone, whatever the other domains claim; null if no memory is shared out to it. Meaningful
    /// only with the fair-share policy.
    /// </summary>
    public KiB? GuaranteedShare { get; init; }

    /// <summary>The target it should have now: the present one if it is held; null if it has none.</summary>
    public KiB? Target { get; init; }

    /// <summary>How its balloon answers.</summary>
    public BalloonHealth Health { get; init; }

    /// <summary>
    /// The size it is pinned to, by its settings or, if overrides count as pins, by <c>xl mem-set</c>; null if it is
    /// balanced.
    /// </summary>
    public KiB? Pin { get; init; }

    /// <summary>
    /// The last target that another tool set and that was not revoked, however it is treated; null if there is none.
    /// </summary>
    public KiB? Override { get; init; }

    /// <summary>
    /// The cap that another tool set without the target (<c>xl mem-max</c>), which growth does not exceed; null if
    /// there is none.
    /// </summary>
    public KiB? CapBound { get; init; }

    /// <summary>What is done with the domain, and why.</summary>
    public ReasonKind Kind { get; init; }

    /// <summary>Why this is decided, with the numbers that led there.</summary>
    public Reason Reason => new(Kind, Demand, Entitlement, Domain.Target, Target) { Facts = Facts };

    /// <summary>What else led there; null where nothing more is known.</summary>
    internal ReasonFacts? Facts { get; init; }

    /// <summary>
    /// Whether this decision differs from an earlier one on the same domain in no more than the numbers that follow
    /// from reports.
    /// </summary>
    /// <param name="other">The earlier decision.</param>
    public bool DiffersOnlyInNumbers(DomainDecision other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Kind, Target) == (other.Kind, other.Target)
            && (Managed, Weight, Health) == (other.Managed, other.Weight, other.Health)
            && (Minimum, Maximum) == (other.Minimum, other.Maximum)
            && (BootMemory, Pin, Override, CapBound) == (other.BootMemory, other.Pin, other.Override, other.CapBound)
            && Conflict == other.Conflict
            && (Demand?.Verdict, Domain.Report?.Source) == (other.Demand?.Verdict, other.Domain.Report?.Source)
            && Domain.DiffersOnlyInReport(other.Domain);
    }

    /// <summary>The decision on a domain; the previous decision itself if nothing has changed.</summary>
    internal static DomainDecision Of(DomainPass domain, DomainDecision? previous)
    {
        bool restsAtPin = domain.Settings.Pin is not null
            && domain.ReasonKind is ReasonKind.Balanced or ReasonKind.AtMaximum;
        ReasonKind kind = restsAtPin ? ReasonKind.Pinned : domain.ReasonKind;
        DomainDemand? demand = domain.Managed ? domain.Demand : null;
        KiB? entitlement = domain.Participates ? domain.Entitlement : null;
        KiB? target = domain.Snapshot.Target is null ? null : domain.NewTarget;
        KiB? pin = domain.Managed ? domain.Pin : null;
        var facts = ReasonFacts.Of(domain);
        if (previous is not null
            && (previous.Kind, previous.Target) == (kind, target)
            && (previous.Demand, previous.Entitlement) == (demand, entitlement)
            && previous.Facts == facts
            && (previous.Managed, previous.Weight) == (domain.Managed, domain.Weight)
            && previous.Health == domain.Balloon.Health
            && (previous.Minimum, previous.Maximum) == (domain.Range.Minimum, domain.Range.Maximum)
            && (previous.BootMemory, previous.Pin) == (domain.BootMemory, pin)
            && (previous.Override, previous.CapBound) == (domain.History.Override.Value, domain.History.Cap.Value)
            && previous.Conflict == domain.Conflict
            && previous.Domain == domain.Snapshot)
        {
            return previous;
        }

        return new DomainDecision
        {
            Domain = domain.Snapshot,
            Managed = domain.Managed,
            Minimum = domain.Range.Minimum,
            Maximum = domain.Range.Maximum,
            BootMemory = domain.BootMemory,
            Conflict = domain.Conflict,
            Weight = domain.Weight,
            Demand = demand,
            Entitlement = entitlement,
            GuaranteedShare = domain.Participates ? domain.Guaranteed : null,
            Target = target,
            Health = domain.Balloon.Health,
            Pin = pin,
            Override = domain.History.Override.Value,
            CapBound = domain.History.Cap.Value,
            Kind = kind,
            Facts = facts,
        };
    }
}

/// <summary>
/// The decisions of the last pass. A decision that has not changed is reused, so a pass on a quiet host allocates
/// nothing and readers can compare references.
/// </summary>
internal sealed class DecisionCache
{
    private ImmutableArray<DomainDecision> decisions = [];
    private List<Entry> entries = [], next = [];

    /// <summary>The decisions of this pass, in ascending order of domid.</summary>
    internal ImmutableArray<DomainDecision> Update(List<DomainPass> domains)
    {
        next.Clear();
        bool isSame = entries.Count == domains.Count;
        int old = 0;
        foreach (DomainPass domain in domains)
        {
            while (old < entries.Count && entries[old].Domain.Identity.Domid < domain.Identity.Domid) old++;
            bool isKnown = old < entries.Count && entries[old].Domain == domain;
            Entry entry = isKnown ? entries[old].Update() : new Entry(domain);
            isSame = isSame && ReferenceEquals(entry.Decision, entries[next.Count].Decision);
            next.Add(entry);
        }

        (entries, next) = (next, entries);
        if (!isSame) decisions = [.. entries.Select(static entry => entry.Decision)];
        return decisions;
    }

    /// <summary>The decisions of a pass that changed these alone; the domains are those of the pass before.</summary>
    internal ImmutableArray<DomainDecision> Update(List<int> changed)
    {
        ImmutableArray<DomainDecision>.Builder? builder = null;
        foreach (int index in changed)
        {
            entries[index] = entries[index].Update();
            if (ReferenceEquals(entries[index].Decision, decisions[index])) continue;
            builder ??= decisions.ToBuilder();
            builder[index] = entries[index].Decision;
        }

        if (builder is not null) decisions = builder.MoveToImmutable();
        return decisions;
    }

    /// <summary>The decision on a domain, and the outcome that it rests on.</summary>
    private readonly struct Entry
    {
        private readonly DomainOutcome outcome;

        internal Entry(DomainPass domain)
            : this(domain, domain.Outcome, null)
        {
        }

        private Entry(DomainPass domain, in DomainOutcome outcome, DomainDecision? previous) =>
            (Domain, this.outcome, Decision) = (domain, outcome, DomainDecision.Of(domain, previous));

        internal DomainPass Domain { get; }

        internal DomainDecision Decision { get; }

        internal Entry Update() => Domain.Outcome == outcome ? this : new Entry(Domain, Domain.Outcome, Decision);
    }
}
