using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core;

/// <summary>What limits a domain's share.</summary>
internal enum ShareBound
{
    /// <summary>Its configured range.</summary>
    Maximum,

    /// <summary>The cap that another tool set.</summary>
    Cap,

    /// <summary>The size that its balloon failed to exceed.</summary>
    Ceiling,

    /// <summary>What its slow balloon can take within seconds.</summary>
    SlowBalloon,

    /// <summary>What may be lent to it, since it could not give it back.</summary>
    Loan,
}

/// <summary>What is known of the swap that memory in use can go to.</summary>
internal enum SwapKnowledge
{
    /// <summary>There is free swap, by the guest's report or by the setting.</summary>
    Free,

    /// <summary>There is swap, and it is full.</summary>
    Full,

    /// <summary>There is none, by the guest's report or by the setting.</summary>
    None,

    /// <summary>Neither its reports nor the setting say.</summary>
    Unreported,
}

/// <summary>
/// The facts behind a decision, besides the demand, that a reason states.
/// </summary>
internal readonly record struct ReasonFacts
{
    /// <summary>Smaller differences are not mentioned, since they are not worth a move either.</summary>
    internal static readonly KiB Noticeable = KiB.FromMiB(10);

    /// <summary>With less free swap than this, nothing can be swapped out.</summary>
    private static readonly KiB LeastSwap = KiB.FromMiB(1);

    /// <summary>The share by weight alone.</summary>
    internal KiB Guaranteed { get; init; }

    /// <summary>dynamic-min.</summary>
    internal KiB Minimum { get; init; }

    /// <summary>dynamic-max: no number is shown above it.</summary>
    internal KiB Maximum { get; init; }

    /// <summary>What <c>xl mem-max</c> was given for the domain; null if no other tool set its cap.</summary>
    internal KiB? MemMax { get; init; }

    /// <summary>The most that the domain's range and balloon allow.</summary>
    internal KiB Claimable { get; init; }

    /// <summary>What the domain holds now: no more than that is in use.</summary>
    internal KiB Holds { get; init; }

    /// <summary>Whether its balloon did not shrink and has followed no target so far.</summary>
    internal bool NeverAnswered { get; init; }

    /// <summary>What the domain booted with.</summary>
    internal KiB BootMemory { get; init; }

    /// <summary>What the share reaches up to: <c>its need</c>.</summary>
    internal string Reached { get; init; }

    /// <summary>Whether the share reaches all of that.</summary>
    internal bool ReachesAll { get; init; }

    /// <summary>What bounds the share.</summary>
    internal ShareBound Bound { get; init; }

    /// <summary>What is known of its swap.</summary>
    internal SwapKnowledge Swap { get; init; }

    /// <summary>Whether its reports come rarely.</summary>
    internal bool ReportsRarely { get; init; }

    /// <summary>Why the domain cannot be created again with less than its maximum; null if it can.</summary>
    internal CreationLimit? FixedBy { get; init; }

    /// <summary>Whether an administrator pinned the domain.</summary>
    internal bool IsPinned { get; init; }

    /// <summary>Whether the domain shuts down or reboots.</summary>
    internal bool IsLeaving { get; init; }

    /// <summary>Whether the domain is given back what it booted with.</summary>
    internal bool IsRestored { get; init; }

    /// <summary>The facts of a decided pass.</summary>
    internal static ReasonFacts Of(DomainPass domain)
    {
        (string reached, bool reachesAll) = Reach(domain);
        return new ReasonFacts
        {
            Guaranteed = domain.Guaranteed,
            Minimum = domain.Range.Minimum,
            Maximum = domain.Range.Maximum,
            MemMax = domain.History.Cap.Value - CapWatch.Allowance,
            Claimable = domain.Claimable,
            Holds = domain.Snapshot.Actual,
            NeverAnswered = domain.Balloon is { Floor: not null, HasAnswered: false },
            BootMemory = domain.BootMemory ?? domain.Target,
            Reached = reached,
            ReachesAll = reachesAll,
            Bound = BoundOf(domain),
            Swap = SwapOf(domain),
            ReportsRarely = domain.Estimator.ReportsRarely,
            FixedBy = domain.Snapshot.FixedBy,
            IsPinned = domain.Settings.Pin is not null,
            IsLeaving = domain.IsLeaving,
            IsRestored = domain.IsRestored,
        };
    }

    /// <summary>
    /// The pinned size, or the last tier that its entitlement covers, and whether it covers all of it.
    /// </summary>
    private static (string Reached, bool All) Reach(DomainPass domain)
    {
        if (domain.Settings.Pin is not null)
        {
            string pin = domain.IsRestored ? "its boot memory" : "its pinned size";
            return (pin, domain.Upper - domain.Entitlement < Noticeable);
        }

        KiB reach = domain.Lower.CeilingToPage();
        if (domain.Entitlement <= reach) return (TextOfLower(domain), true);
        for (Tier tier = Tier.GuaranteedNeed; tier <= Tier.Spare; tier++)
        {
            KiB whole = Tiers.Most(domain, tier);
            reach = KiB.Max(reach, KiB.Min(whole, domain.Upper).FloorToPage());
            if (reach < domain.Entitlement) continue;
            return (TextOf(tier, domain), KiB.Max(reach, whole) - domain.Entitlement < Noticeable);
        }

        return ("its maximum", true);
    }

    private static string TextOfLower(DomainPass domain) =>
        domain.Lower <= domain.Range.Minimum.CeilingToPage() ? "its minimum"
        : domain.Lower == domain.BootMemory?.CeilingToPage() ? "its boot memory"
        : domain.Demand.IsReported || domain.Balloon.Health == BalloonHealth.Slow
            ? "the least that its balloon is told now"
        : "the size that it has";

    private static string TextOf(Tier tier, DomainPass domain) => tier switch
    {
        Tier.GuaranteedNeed => "its need within the guaranteed share",
        Tier.SwaplessNeed => "its need, as it has no swap",
        Tier.SwaplessBoot => "its boot memory, as it has no swap",
        Tier.BeforeNextReport => "what it may need before its next report",
        Tier.Need => "its need",
        Tier.Growth => "its growth within the guaranteed share",
        Tier.Headroom => "headroom",
        Tier.FullNeed => "what it may need, as it stays full",
        Tier.Kept when domain.BootMemory >= domain.Demand.Kept => "its boot memory",
        Tier.Kept when domain.Demand.KeptInAdvance => "what it may need before its next report",
        Tier.Kept => "its recent peak",
        _ => "spare memory",
    };

    private static ShareBound BoundOf(DomainPass domain) =>
        domain.Settings.Pin is not null ? ShareBound.Maximum
        : domain.Upper < domain.Need ? ShareBound.Loan
        : domain.IsBoundByCap && domain.Claimable >= domain.Range.Maximum ? ShareBound.Cap
        : domain.Claimable >= domain.Range.Maximum ? ShareBound.Maximum
        : domain.Balloon.Health == BalloonHealth.Slow ? ShareBound.SlowBalloon
        : domain.Balloon.Ceiling is not null ? ShareBound.Ceiling
        : ShareBound.Maximum;

    private static SwapKnowledge SwapOf(DomainPass domain) =>
        domain.IsSwapless ? SwapKnowledge.None
        : domain.SwapHeadroom - domain.TakenSinceReport < LeastSwap ? SwapKnowledge.Full
        : domain.SwapHeadroom is not null ? SwapKnowledge.Free
        : domain.Settings.Swap == true ? SwapKnowledge.Free
        : SwapKnowledge.Unreported;
}
