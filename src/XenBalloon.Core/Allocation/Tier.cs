using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// For what a domain is to have memory, the most important first. The host's memory fills one tier after the other,
/// each for all domains, before anything goes to the next. The keep-free pool comes after <see cref="Headroom"/>.
/// </summary>
internal enum Tier
{
    /// <summary>What it needs now, within its guaranteed share: whatever others claim, there is enough for this.</summary>
    Right,

    /// <summary>What a guest without swap needs beyond that: it dies of what others wait for.</summary>
    SwaplessNeed,

    /// <summary>
    /// What a guest without swap booted with, within its guaranteed share: lent out, it would be missing at the moment
    /// at which the guest dies of that.
    /// </summary>
    SwaplessBoot,

    /// <summary>
    /// What a guest that reports seldom may need before its next report, within its guaranteed share: lent out, it would
    /// be missing for a minute before anyone hears of that.
    /// </summary>
    BeforeNextReport,

    /// <summary>What the others need now beyond their guaranteed share: memory idles nowhere while this is not met.</summary>
    Need,

    /// <summary>What a growing guest will need next, within its guaranteed share.</summary>
    Growth,

    /// <summary>What is coming beyond that, and headroom.</summary>
    Headroom,

    /// <summary>What was used lately, and room in advance for guests that report seldom.</summary>
    Kept,

    /// <summary>All else: page cache, where the owner wants memory lent for it, and what is not worth taking.</summary>
    Spare,
}

/// <summary>How much a domain may have by the end of a tier.</summary>
internal static class Tiers
{
    /// <summary>The most that a domain may have for this tier and those before it; its bounds are not looked at.</summary>
    internal static KiB Most(DomainCase part, Tier tier) => tier switch
    {
        Tier.Right => KiB.Min(part.Need, part.Guaranteed),
        Tier.SwaplessNeed => part.IsSwapless ? part.Need : KiB.Zero,
        Tier.SwaplessBoot => part.IsSwapless ? KiB.Min(part.BootMemory ?? KiB.Zero, part.Guaranteed) : KiB.Zero,
        Tier.BeforeNextReport => part.Estimator.ReportsSeldom ? KiB.Min(part.Demand.Coming, part.Guaranteed) : KiB.Zero,
        Tier.Need => part.Need,
        Tier.Growth => KiB.Min(part.Demand.Coming, part.Guaranteed),
        Tier.Headroom => part.Want,
        Tier.Kept => KiB.Max(part.Demand.Kept, part.BootMemory ?? KiB.Zero),
        _ => part.Upper,
    };
}
