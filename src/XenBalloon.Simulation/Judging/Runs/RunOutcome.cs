using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>What became of a run: one policy, one scenario, one seed.</summary>
public sealed record RunOutcome
{
    /// <summary>What the simulation tells.</summary>
    public required SimulationReport Report { get; init; }

    /// <summary>The guests, in the scenario's order.</summary>
    public required ImmutableArray<GuestRun> Guests { get; init; }

    /// <summary>The most that all guests held together.</summary>
    public KiB Peak { get; init; }

    /// <summary>What guests lacked while memory lay idle.</summary>
    public Hoarding Hoarding { get; init; }

    /// <summary>The guests that tell the truth, where others lie; none where nobody does.</summary>
    public IEnumerable<GuestRun> HonestBesideLiars =>
        Guests.Any(guest => guest.Habit.Lies()) ? Guests.Where(guest => guest.Habit == ReportHabit.Honest) : [];

    /// <summary>How long each stretch of movement took, in ascending order: from the first page until all balloons have come to rest.</summary>
    public ImmutableArray<TimeSpan> Settlings { get; init; } = [];

    /// <summary>
    /// How long whoever wanted to start a domain waited until it was created, in ascending order. One that never was
    /// counts until the run ended: to fail at once is not to be quick.
    /// </summary>
    public ImmutableArray<TimeSpan> StartWaits =>
        [.. Report.Host.Starts.Select(start => (start.CreatedAt ?? Report.Simulated) - start.RequestedAt).Order()];

    /// <summary>Promises of memory that was not there, targets outside a guest's range, memory that was lost or came from nowhere.</summary>
    public int Violations { get; init; }
}
