using System.Collections.Immutable;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Judging;

/// <summary>What is compared, and how thoroughly.</summary>
public sealed record JudgeOptions
{
    /// <summary>
    /// The first of the seeds by which policies are reported. Those from 1 to 1000 are for tuning: what was tuned on a seed may not be praised by it.
    /// </summary>
    public const ulong FirstReportingSeed = 1001;

    /// <summary>How many seeds are run, unless something else is said.</summary>
    public const int UsualSeeds = 30;

    /// <summary>The policies, in the order in which they are shown.</summary>
    public required ImmutableArray<PolicyEntry> Policies { get; init; }

    /// <summary>The first seed; the others follow it one by one. Each takes the place of the scenario's own.</summary>
    public ulong FirstSeed { get; init; } = FirstReportingSeed;

    /// <summary>How many seeds, 1 or more.</summary>
    public int Seeds { get; init; } = UsualSeeds;

    /// <summary>How long each run lasts; null for as long as the scenario says.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many runs go on at once, 1 or more; the outcome does not depend on it.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;
}
