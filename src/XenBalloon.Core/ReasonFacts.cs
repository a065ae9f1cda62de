using XenBalloon.Core.Allocation;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core;

/// <summary>What bounds a domain's share from above.</summary>
internal enum ShareBound
{
    /// <summary>The range that was configured for it.</summary>
    Maximum,

    /// <summary>What its balloon failed to grow beyond.</summary>
    Ceiling,

    /// <summary>What its slow balloon can move within seconds.</summary>
    SlowBalloon,

    /// <summary>What may be lent to it, as it could not be had back.</summary>
    Loan,
}

/// <summary>What is known of the swap that memory in use can be pressed into.</summary>
internal enum SwapKnowledge
{
    /// <summary>There is free swap, by the guest's report or by the setting.</summary>
    Free,

    /// <summary>There is swap, and it is full.</summary>
    Full,

    /// <summary>There is none, by the guest's report or by the setting.</summary>
    None,

    /// <summary>Neither report nor setting tells.</summary>
    Unreported,
}

/// <summary>
/// What a reason tells besides the demand: facts that led to the decision and do not change from step to step.
/// </summary>
internal readonly record struct ReasonFacts
{
    /// <summary>Less than this is not worth a word, as it is not worth a step.</summary>
    internal static readonly KiB Noticeable = KiB.FromMiB(10);

    /// <summary>With less free swap than this, nothing can be pressed.</summary>
    private static readonly KiB LeastSwap = KiB.FromMiB(1);

    /// <summary>The share by weight, whatever the others claim.</summary>
    internal KiB Guaranteed { get; init; }

    /// <summary>dynamic-max: no number is shown above it.</summary>
    internal KiB Maximum { get; init; }

    /// <summary>The most that the domain's balloon or range lets it have.</summary>
    internal KiB Claimable { get; init; }

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

    /// <summary>Whether its reports come seldom.</summary>
    internal bool ReportsSeldom { get; init; }

    /// <summary>Whether the domain has one size by the operator's word.</summary>
    internal bool IsPinned { get; init; }

    /// <summary>The facts of a case, as they are when the step is decided.</summary>
    internal static ReasonFacts Of(DomainPass one)
    {
        (string reached, bool reachesAll) = Reach(one);
        return new ReasonFacts
        {
            Guaranteed = one.Guaranteed,
            Maximum = one.Range.Maximum,
            Claimable = one.Claimable,
            BootMemory = one.BootMemory ?? one.Target,
            Reached = reached,
            ReachesAll = reachesAll,
            Bound = BoundOf(one),
            Swap = SwapOf(one),
            ReportsSeldom = one.Estimator.ReportsSeldom,
            IsPinned = one.Settings.Pin is not null,
        };
    }

    /// <summary>The last tier that its entitlement has memory of, and whether it has all of that.</summary>
    private static (string Reached, bool All) Reach(DomainPass one)
    {
        KiB reach = one.Lower.CeilingToPage();
        if (one.Entitlement <= reach) return ("its minimum", true);
        for (Tier tier = Tier.GuaranteedNeed; tier <= Tier.Spare; tier++)
        {
            reach = KiB.Max(reach, KiB.Min(Tiers.Most(one, tier), one.Upper).FloorToPage());
            if (reach >= one.Entitlement) return (WordsOf(tier, one), reach - one.Entitlement < Noticeable);
        }

        return ("its maximum", true);
    }

    private static string WordsOf(Tier tier, DomainPass one) => tier switch
    {
        Tier.GuaranteedNeed => "its need within the guaranteed share",
        Tier.SwaplessNeed => "its need, as it has no swap",
        Tier.SwaplessBoot => "its boot memory, as it has no swap",
        Tier.BeforeNextReport => "what it may need before its next report",
        Tier.Need => "its need",
        Tier.Growth => "its growth within the guaranteed share",
        Tier.Headroom => "headroom",
        Tier.Kept when one.BootMemory >= one.Demand.Kept => "its boot memory",
        Tier.Kept when one.Demand.KeptInAdvance => "what it may need before its next report",
        Tier.Kept => "its recent peak",
        _ => "spare memory",
    };

    private static ShareBound BoundOf(DomainPass one) =>
        one.Settings.Pin is not null ? ShareBound.Maximum
        : one.Upper < one.Need ? ShareBound.Loan
        : one.Claimable >= one.Range.Maximum ? ShareBound.Maximum
        : one.Balloon.Health == BalloonHealth.Slow ? ShareBound.SlowBalloon
        : one.Balloon.Ceiling is not null ? ShareBound.Ceiling
        : ShareBound.Maximum;

    private static SwapKnowledge SwapOf(DomainPass one) =>
        one.IsSwapless ? SwapKnowledge.None
        : one.SwapHeadroom - one.TakenSinceReport < LeastSwap ? SwapKnowledge.Full
        : one.SwapHeadroom is not null ? SwapKnowledge.Free
        : one.Settings.Swap == true ? SwapKnowledge.Free
        : SwapKnowledge.Unreported;
}
