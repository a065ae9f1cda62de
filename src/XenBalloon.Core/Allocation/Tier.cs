using System.Numerics;
using System.Runtime.InteropServices;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// What domains get memory for, the most important first. The host's memory fills one tier for all domains before
/// anything goes to the next. The keep-free pool comes after <see cref="Headroom"/>.
/// </summary>
internal enum Tier
{
    /// <summary>Need within the guaranteed share: whatever other domains claim, there is enough for this.</summary>
    GuaranteedNeed,

    /// <summary>Need of a guest without swap beyond that: it dies of a shortage that other guests survive.</summary>
    SwaplessNeed,

    /// <summary>
    /// Boot memory of a guest without swap, within its guaranteed share: if this memory were lent to others, it would
    /// be missing at the moment at which the guest dies without it.
    /// </summary>
    SwaplessBoot,

    /// <summary>
    /// What a guest that reports rarely may need before its next report, within its guaranteed share: if this memory
    /// were lent to others, it would be missing for a minute before a report shows that.
    /// </summary>
    BeforeNextReport,

    /// <summary>Need of all others beyond their guaranteed share: no memory idles while this is not met.</summary>
    Need,

    /// <summary>What a growing guest will need next, within its guaranteed share.</summary>
    Growth,

    /// <summary>
    /// Need beyond the guaranteed share of a guest that stays full after it got more: it may be page cache.
    /// </summary>
    FullNeed,

    /// <summary>The forecast beyond that, and headroom.</summary>
    Headroom,

    /// <summary>What was used recently, and memory in advance for guests that report rarely.</summary>
    Kept,

    /// <summary>Everything else: page cache if spare memory is lent, and memory that is not worth taking.</summary>
    Spare,
}

/// <summary>How much a domain may have up to and including a tier.</summary>
internal static class Tiers
{
    /// <summary>
    /// The most that a domain may have for this tier and those before it, without regard to its bounds.
    /// </summary>
    internal static KiB Most(DomainPass domain, Tier tier) => tier switch
    {
        Tier.GuaranteedNeed => KiB.Min(domain.Need, domain.Guaranteed),
        Tier.SwaplessNeed when domain.IsSwapless => NeedInContest(domain),
        Tier.SwaplessBoot when domain.IsSwapless => KiB.Min(domain.BootMemory ?? KiB.Zero, domain.Guaranteed),
        Tier.BeforeNextReport when domain.Estimator.ReportsRarely =>
            KiB.Min(domain.Demand.Forecast, domain.Guaranteed),
        Tier.SwaplessNeed or Tier.SwaplessBoot or Tier.BeforeNextReport => KiB.Zero,
        Tier.Need => NeedInContest(domain),
        Tier.Growth => KiB.Min(domain.Demand.Forecast, domain.Guaranteed),
        Tier.FullNeed => domain.Need,
        Tier.Headroom => domain.Demand.StaysFull ? domain.Need : domain.Want,
        Tier.Kept => KiB.Max(domain.Demand.Kept, domain.BootMemory ?? KiB.Zero),
        _ => domain.Upper,
    };

    /// <summary>The need that competes with that of others: it must be known to be need.</summary>
    private static KiB NeedInContest(DomainPass domain) =>
        domain.Demand.StaysFull ? KiB.Min(domain.Need, domain.Guaranteed) : domain.Need;
}

/// <summary>
/// How far each tier reaches for each domain, within its bounds. The numbers lie side by side, since memory is filled
/// up tier by tier. They are kept from pass to pass.
/// </summary>
internal sealed class TierReaches
{
    private const int TierCount = (int)Tier.Spare + 1;

    private readonly KiB[][] byTier = new KiB[TierCount][];
    private Row[] rows = [];

    /// <summary>What a domain's numbers rest on.</summary>
    private readonly record struct Row(DomainPass Domain, int Readings, KiB Guaranteed, KiB Upper);

    /// <summary>Computes the numbers of the domains that have changed.</summary>
    internal void Load(ReadOnlySpan<DomainPass> domains)
    {
        if (rows.Length < domains.Length)
        {
            rows = new Row[domains.Length * 2];
            for (int tier = 0; tier < TierCount; tier++) byTier[tier] = new KiB[rows.Length];
        }

        for (int i = 0; i < domains.Length; i++)
        {
            DomainPass domain = domains[i];
            Row row = new(domain, domain.Readings, domain.Guaranteed, domain.Upper);
            if (rows[i] == row) continue;
            rows[i] = row;
            for (int tier = 0; tier < TierCount; tier++)
            {
                byTier[tier][i] = KiB.Min(Tiers.Most(domain, (Tier)tier), row.Upper).FloorToPage();
            }
        }
    }

    /// <summary>Raises levels to what a tier reaches.</summary>
    /// <param name="tier">The tier.</param>
    /// <param name="levels">The level of each domain.</param>
    /// <param name="raised">Receives the greater of each level and what the tier reaches.</param>
    /// <returns>The sum of all rises.</returns>
    internal KiB Raise(Tier tier, ReadOnlySpan<KiB> levels, Span<KiB> raised)
    {
        ReadOnlySpan<long> from = MemoryMarshal.Cast<KiB, long>(levels);
        ReadOnlySpan<long> reach = MemoryMarshal.Cast<KiB, long>(byTier[(int)tier].AsSpan(0, levels.Length));
        Span<long> to = MemoryMarshal.Cast<KiB, long>(raised[..levels.Length]);
        Vector<long> rises = default;
        int i = 0;
        for (; i <= from.Length - Vector<long>.Count; i += Vector<long>.Count)
        {
            Vector<long> level = new(from[i..]), higher = Vector.Max(level, new Vector<long>(reach[i..]));
            higher.CopyTo(to[i..]);
            rises += higher - level;
        }

        long sum = Vector.Sum(rises);
        for (; i < from.Length; i++)
        {
            to[i] = Math.Max(from[i], reach[i]);
            sum += to[i] - from[i];
        }

        return new KiB(sum);
    }
}
