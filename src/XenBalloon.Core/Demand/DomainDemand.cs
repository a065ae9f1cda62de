using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Demand;

/// <summary>What a domain needs, as far as its reports show.</summary>
/// <param name="Verdict">What was made of the report.</param>
/// <param name="Hot">In active use, in what the hypervisor holds (the guest's own count and its kernel's overhead); smoothed: rises at once, falls slowly.</param>
/// <param name="Want">Hot and headroom: what it should have where there is enough.</param>
/// <param name="Floor">Below this it would be hurt: what is in use now and a margin. Never its target by our doing.</param>
/// <param name="Starved">Nearly nothing is available in the guest, or it waits for memory: how much more it needs cannot be seen, so the want grows with each report.</param>
/// <param name="Strain">The part of its time in which it waits for memory, 0 to 1 (its kernel's PSI, or its swapping); null where nothing is said of that.</param>
public readonly record struct DomainDemand(ReportVerdict Verdict, KiB Hot, KiB Want, KiB Floor, bool Starved, double? Strain = null)
{
    /// <summary>Below this part of its time a domain waits for memory as any domain does now and then. Senpai stops at 0.1 %; an operator sees 1 %.</summary>
    public const double LeastStrain = 0.01;

    /// <summary>From this part of its time on, a domain begins to feel what was taken from it.</summary>
    public const double FirstStrain = 0.002;

    /// <summary>Whether the rest rests on its own word, and not on what it has.</summary>
    public bool IsHeard => Verdict is ReportVerdict.Fresh or ReportVerdict.Flooding;

    /// <summary>
    /// What it must have to work as it does now: its floor, or more where it lacks something that cannot be seen. Between this and want is headroom and
    /// what it used until lately, which a neighbour's need goes before.
    /// </summary>
    public KiB Need { get; init; } = Want;

    /// <summary>Whether it waits for memory so much that nothing should be taken from it for a while.</summary>
    public bool Hurts => Strain >= LeastStrain;

    /// <summary>What may be taken although the guest counts it as used: the next small step of a search for its true working set; zero when none is under way.</summary>
    public KiB Probe { get; init; }
}
