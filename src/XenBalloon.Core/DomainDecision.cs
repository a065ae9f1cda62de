using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;

namespace XenBalloon.Core;

/// <summary>What was decided of one domain, and everything that it was decided from.</summary>
public sealed record DomainDecision
{
    /// <summary>The domain as it was seen.</summary>
    public required DomainSnapshot Domain { get; init; }

    /// <summary>Whether the balancer may move its memory at all.</summary>
    public bool Managed { get; init; }

    /// <summary>dynamic-min in force.</summary>
    public KiB Minimum { get; init; }

    /// <summary>dynamic-max in force.</summary>
    public KiB Maximum { get; init; }

    /// <summary>Shares in force.</summary>
    public int Weight { get; init; }

    /// <summary>What it needs; null for domains that are not managed.</summary>
    public DomainDemand? Demand { get; init; }

    /// <summary>
    /// <see cref="Demand"/> as it is shown: no amount above <see cref="Maximum"/>, though a domain whose lack cannot be
    /// measured may ask for more.
    /// </summary>
    public DomainDemand? ShownDemand => Demand?.Within(Maximum, Domain.Actual);

    /// <summary>
    /// What it is entitled to now, by its weight and by what it and the others need; null for domains that take no
    /// part.
    /// </summary>
    public KiB? Entitlement { get; init; }

    /// <summary>
    /// Its share by weight alone, whatever the others claim; null for domains that take no part. Of no meaning with
    /// other policies than fair share.
    /// </summary>
    public KiB? GuaranteedShare { get; init; }

    /// <summary>The target it should now have: the present one where it is held; null where it has none.</summary>
    public KiB? Target { get; init; }

    /// <summary>How its balloon answers.</summary>
    public BalloonHealth Health { get; init; }

    /// <summary>
    /// The one size that an operator wants it to have, by pinning or, where that counts as such, by <c>xl mem-set</c>;
    /// null where it is balanced.
    /// </summary>
    public KiB? Pin { get; init; }

    /// <summary>
    /// The last target that another tool wrote and that was not taken back since, however it is treated; null where no
    /// tool did.
    /// </summary>
    public KiB? Override { get; init; }

    /// <summary>Why.</summary>
    public Reason Reason { get; init; }

    /// <summary>What was decided of a case; the last step's decision where nothing has changed.</summary>
    internal static DomainDecision Of(DomainCase one)
    {
        DomainDemand? demand = one.Managed ? one.Demand : null;
        KiB? entitlement = one.TakesPart ? one.Entitlement : null, target = one.Domain.Target is null ? null : one.Goal;
        KiB? pin = one.Managed ? one.Pin : null;
        bool restsAtPin = one.Settings.Pin is not null && one.Verdict is ReasonKind.Balanced or ReasonKind.AtMaximum;
        var reason = new Reason(restsAtPin ? ReasonKind.Pinned : one.Verdict, demand, entitlement, one.Domain.Target, target)
        {
            Facts = ReasonFacts.Of(one),
        };
        if (one.Decision is { } last
            && last.Reason == reason
            && last.Health == one.Balloon.Health
            && (last.Pin, last.Override) == (pin, one.Override.Value)
            && (last.Minimum, last.Maximum) == (one.Range.Minimum, one.Range.Maximum)
            && (last.Weight, last.Managed) == (one.Weight, one.Managed)
            && last.Domain == one.Domain)
        {
            return last;
        }

        return new DomainDecision
        {
            Domain = one.Domain,
            Managed = one.Managed,
            Minimum = one.Range.Minimum,
            Maximum = one.Range.Maximum,
            Weight = one.Weight,
            Demand = demand,
            Entitlement = entitlement,
            GuaranteedShare = one.TakesPart ? one.Guaranteed : null,
            Target = target,
            Health = one.Balloon.Health,
            Pin = pin,
            Override = one.Override.Value,
            Reason = reason,
        };
    }
}
