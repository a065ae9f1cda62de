using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Outcomes;

/// <summary>How the host fared.</summary>
public sealed record HostOutcome
{
    /// <summary>Free now.</summary>
    public KiB Free { get; init; }

    /// <summary>The least that ever was free.</summary>
    public KiB LowestFree { get; init; }

    /// <summary>How long less than the scenario's slack was free.</summary>
    public TimeSpan BelowSlack { get; init; }

    /// <summary>
    /// Commands that promised guests more growth, all in all, than was free. The host never gives out what it has not, so some guest would have been
    /// refused memory that it was told to take.
    /// </summary>
    public int Violations { get; init; }

    /// <summary>How often, by ticks, a guest's balloon asked for memory that the host did not have.</summary>
    public int RefusedGrowth { get; init; }

    /// <summary>Starts that failed for want of free memory: at once, or after whoever asked for them had waited long enough.</summary>
    public int FailedStarts { get; init; }

    /// <summary>All starts that were asked for while it ran: those that have ended in the order in which they ended, then those that still wait.</summary>
    public ImmutableArray<GuestStart> Starts { get; init; } = [];
}
