using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>What a guest's reports are worth.</summary>
public enum ReportVerdict
{
    /// <summary>The guest has not reported since the balancer started.</summary>
    Silent,

    /// <summary>The newest report is too old.</summary>
    Stale,

    /// <summary>The newest report is unreadable, or has values that no kernel can have: it is ignored.</summary>
    Implausible,

    /// <summary>The newest report is believed, within the guest's own minimum and maximum.</summary>
    Fresh,

    /// <summary>As <see cref="Fresh"/>, but the guest writes far too often, so it is read once a second.</summary>
    Flooding,
}

/// <summary>
/// What a domain needs, as far as its reports show. Each amount includes the previous one, except the forecast. All
/// amounts are in the unit of targets: what the guest counts plus its kernel's overhead, without <see cref="Offset"/>.
/// </summary>
/// <param name="Verdict">What the newest report is worth.</param>
/// <param name="InUse">Memory in use, by the newest report.</param>
/// <param name="Floor">Memory in use plus a margin: with less, the guest would stall.</param>
/// <param name="Need">Memory that it must have to work as it does now: the floor, or more if it lacks memory.</param>
/// <param name="Forecast">
/// Memory that it will need by the time more can arrive, if it keeps growing at its present rate; for a guest that
/// reports rarely, memory that it may need before its next report.
/// </param>
/// <param name="Want">
/// Memory that it should have if there is enough: its need, confirmed growth, and headroom.
/// </param>
/// <param name="Kept">
/// Memory that it keeps while no other domain wants it: its recent peak, the size that last ended a shortage, and
/// memory in advance for a guest that reports rarely.
/// </param>
public readonly record struct DomainDemand(
    ReportVerdict Verdict, KiB InUse, KiB Floor, KiB Need, KiB Forecast, KiB Want, KiB Kept)
{
    /// <summary>
    /// Below this fraction of time stalled on memory, a domain counts as unaffected. Senpai stops at 0.1 %; an operator
    /// sees 1 %.
    /// </summary>
    public const double StallThreshold = 0.01;

    /// <summary>From this fraction of time stalled, a domain begins to feel that memory was taken from it.</summary>
    public const double EarlyStallThreshold = 0.002;

    /// <summary>What the domain holds above its target at rest, as far as it is measured.</summary>
    public KiB Offset { get; init; }

    /// <summary>The most that was in use in the last 15 to 30 minutes; at least what is in use.</summary>
    public KiB RecentPeak { get; init; } = InUse;

    /// <summary>Whether <see cref="Kept"/> is memory in advance of the next report, not recent use.</summary>
    public bool KeptInAdvance { get; init; }

    /// <summary>
    /// Memory that became free moments ago and may be used again at once: not taken before the next report.
    /// </summary>
    public KiB NotYetTaken { get; init; }

    /// <summary>
    /// Whether it lacks memory and its reports do not show how much: its need grows with each report.
    /// </summary>
    public bool IsShortOfMemory { get; init; }

    /// <summary>
    /// Whether its kernel killed programs for lack of memory in the last minutes: then it needs its boot memory.
    /// </summary>
    public bool KilledPrograms { get; init; }

    /// <summary>
    /// Whether it reports almost nothing available however much it gets, and neither swap nor stalls: beyond its
    /// guaranteed share it gets only what no other domain needs or wants.
    /// </summary>
    public bool StaysFull { get; init; }

    /// <summary>
    /// The fraction of time that it stalls on memory, 0 to 1 (its kernel's PSI, or its swapping); null if unknown.
    /// </summary>
    public double? StallFraction { get; init; }

    /// <summary>
    /// Memory that may be taken although the guest counts it as used: the next small step of a search for its true
    /// working set. Zero if no search is running.
    /// </summary>
    public KiB Probe { get; init; }

    /// <summary>Whether the amounts come from the guest's reports, not from the size of the domain.</summary>
    public bool IsReported => Verdict is ReportVerdict.Fresh or ReportVerdict.Flooding;

    /// <summary>Whether it stalls on memory so much that nothing should be taken from it for a while.</summary>
    public bool IsStalled => StallFraction >= StallThreshold;

    /// <summary>The demand of a domain that does not report.</summary>
    internal static DomainDemand Unreported(ReportVerdict verdict, KiB floor, KiB need) =>
        new(verdict, floor, floor, need, need, need, need);

    /// <summary>The demand of a domain that must have its boot memory again, even if it uses less now.</summary>
    internal DomainDemand WithBootMemory(KiB bootMemory) => this with
    {
        Need = KiB.Max(Need, bootMemory),
        Forecast = KiB.Max(Forecast, bootMemory),
        Want = KiB.Max(Want, bootMemory),
        Kept = KiB.Max(Kept, bootMemory),
    };

    /// <summary>
    /// The same amounts as they are shown: none above the domain's maximum (the estimated need of a domain whose
    /// shortage cannot be measured keeps rising), and no more in use than the domain holds: its newest report may be
    /// older than the last step down.
    /// </summary>
    internal DomainDemand Within(KiB maximum, KiB holds)
    {
        KiB inUse = KiB.Min(InUse, holds - Offset);
        if (maximum == KiB.Zero) return this with { InUse = inUse };
        KiB most = KiB.Max(maximum, inUse);
        return this with
        {
            InUse = inUse,
            Floor = KiB.Min(Floor, most),
            Need = KiB.Min(Need, most),
            Forecast = KiB.Min(Forecast, most),
            Want = KiB.Min(Want, most),
            Kept = KiB.Min(Kept, most),
            RecentPeak = KiB.Min(RecentPeak, most),
        };
    }
}
