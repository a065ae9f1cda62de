using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Hosts;

/// <summary>The results of a run so far.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Simulated">The simulated time.</param>
/// <param name="Host">The host's results.</param>
/// <param name="Guests">The guests' results, in the scenario's order, also of guests that do not exist now.</param>
public sealed record SimulationReport(
    string Scenario, TimeSpan Simulated, HostOutcome Host, ImmutableArray<GuestOutcome> Guests);

/// <summary>The results of a run for the host.</summary>
public sealed record HostOutcome
{
    /// <summary>Free memory now.</summary>
    public KiB Free { get; init; }

    /// <summary>The least free memory at any time.</summary>
    public KiB LowestFree { get; init; }

    /// <summary>The time with less free memory than the scenario's slack.</summary>
    public TimeSpan BelowSlack { get; init; }

    /// <summary>
    /// Commands after which the growth promised to all guests exceeded the free memory. The host never gives out more
    /// than it has, so some guest could not have taken what it was promised.
    /// </summary>
    public int Violations { get; init; }

    /// <summary>The number of ticks, over all guests, in which a balloon requested memory that was not free.</summary>
    public int RefusedGrowth { get; init; }

    /// <summary>Starts that failed, at once or after their patience, because too little memory was free.</summary>
    public int FailedStarts { get; init; }

    /// <summary>All requested starts: the ended ones in the order of their ends, then the waiting ones.</summary>
    public ImmutableArray<GuestStart> Starts { get; init; } = [];
}

/// <summary>A requested start, restore or reboot, and its result.</summary>
/// <param name="Name">The guest's name.</param>
/// <param name="RequestedAt">The time of the request, in scenario time.</param>
/// <param name="CreatedAt">The time of creation; null if it was not created.</param>
/// <param name="GivenUpAt">The time when the start failed; null if it was created or still waits.</param>
public sealed record GuestStart(
    string Name, TimeSpan RequestedAt, TimeSpan? CreatedAt = null, TimeSpan? GivenUpAt = null);
