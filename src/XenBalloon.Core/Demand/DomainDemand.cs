using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>
/// What a domain needs, as far as its reports show. Each amount includes the one before it, but for what is coming, and
/// counts in what the hypervisor holds: the guest's own count and its kernel's overhead.
/// </summary>
/// <param name="Verdict">What was made of the report.</param>
/// <param name="InUse">What is used now, by the newest report.</param>
/// <param name="Floor">What is in use and a margin: below this the guest would be hurt.</param>
/// <param name="Need">What it must have to work as it does now: the floor, or more where it lacks something.</param>
/// <param name="Coming">
/// What it will need when memory can be there, if it goes on growing as it does; for a guest that reports seldom, what
/// it may need before its next report.
/// </param>
/// <param name="Want">What it should have where there is enough: the need, growth that is confirmed, and headroom.</param>
/// <param name="Kept">
/// What it is left where nobody wants it: the recent peak, what lately ended a wait for memory, and room in advance
/// for a guest that reports seldom.
/// </param>
public readonly record struct DomainDemand(
    ReportVerdict Verdict, KiB InUse, KiB Floor, KiB Need, KiB Coming, KiB Want, KiB Kept)
{
    /// <summary>
    /// Below this part of its time a domain waits for memory as any domain does now and then. Senpai stops at 0.1 %; an
    /// operator sees 1 %.
    /// </summary>
    public const double StallThreshold = 0.01;

    /// <summary>From this part of its time on, a domain begins to feel what was taken from it.</summary>
    public const double EarlyStallThreshold = 0.002;

    /// <summary>The most that was in use lately, in the last 15 to 30 minutes; no less than what is in use.</summary>
    public KiB RecentPeak { get; init; } = InUse;

    /// <summary>Whether what it is left is room in advance of its next report, and not what was used lately.</summary>
    public bool KeptInAdvance { get; init; }

    /// <summary>What came free moments ago and may be allocated again at once: it is not taken before the next report.</summary>
    public KiB NotYetTaken { get; init; }

    /// <summary>Whether it lacks memory, and how much more it needs cannot be seen: the need grows with each report.</summary>
    public bool Starved { get; init; }

    /// <summary>
    /// The part of its time in which it waits for memory, 0 to 1 (its kernel's PSI, or its swapping); null where
    /// nothing is said of that.
    /// </summary>
    public double? StallFraction { get; init; }

    /// <summary>
    /// What may be taken although the guest counts it as used: the next small step of a search for its true working
    /// set; zero when none is under way.
    /// </summary>
    public KiB Probe { get; init; }

    /// <summary>Whether the amounts are the guest's own word, and not what it holds.</summary>
    public bool IsReported => Verdict is ReportVerdict.Fresh or ReportVerdict.Flooding;

    /// <summary>Whether it waits for memory so much that nothing should be taken from it for a while.</summary>
    public bool IsStalled => StallFraction >= StallThreshold;

    /// <summary>The demand of a domain that is not heard: this much, whatever for.</summary>
    internal static DomainDemand Unreported(ReportVerdict verdict, KiB floor, KiB need) =>
        new(verdict, floor, floor, need, need, need, need);
}
