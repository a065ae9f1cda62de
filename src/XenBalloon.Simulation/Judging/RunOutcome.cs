using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Hosts;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging;

/// <summary>The result of a run: one policy, one scenario, one seed.</summary>
public sealed record RunOutcome
{
    /// <summary>What the simulation reports.</summary>
    public required SimulationReport Report { get; init; }

    /// <summary>The guests, in scenario order.</summary>
    public required ImmutableArray<GuestRun> Guests { get; init; }

    /// <summary>The most memory that all guests held at one time.</summary>
    public KiB Peak { get; init; }

    /// <summary>The shortage of guests, and how much of it was hoarding.</summary>
    public Hoarding Hoarding { get; init; }

    /// <summary>The guests that report honestly, if others do not; empty if all do.</summary>
    public IEnumerable<GuestRun> HonestBesideLiars =>
        Guests.Any(guest => guest.Habit.Lies()) ? Guests.Where(guest => guest.Habit == ReportHabit.Honest) : [];

    /// <summary>
    /// How long memory moved, each time, in ascending order: from the first page until all balloons rest.
    /// </summary>
    public ImmutableArray<TimeSpan> Settlings { get; init; } = [];

    /// <summary>
    /// The waiting time of each start until the domain was created, in ascending order. A domain that was never created
    /// counts until the end of the run, so that a quick refusal is not an advantage.
    /// </summary>
    public ImmutableArray<TimeSpan> StartWaits =>
        [.. Report.Host.Starts.Select(start => (start.CreatedAt ?? Report.Simulated) - start.RequestedAt).Order()];

    /// <summary>
    /// Promises of memory that was not free, targets outside a guest's range, and inconsistent memory.
    /// </summary>
    public int Violations { get; init; }
}

/// <summary>The result of one guest in a run: from the simulation's report and measured tick by tick.</summary>
public sealed record GuestRun
{
    /// <summary>What the simulation reports.</summary>
    public required GuestOutcome Outcome { get; init; }

    /// <summary>The name.</summary>
    public string Name => Outcome.Name;

    /// <summary>How it reports its memory.</summary>
    public ReportHabit Habit { get; init; }

    /// <summary>How long it existed.</summary>
    public TimeSpan Present { get; init; }

    /// <summary>What the hypervisor holds for it at the end; zero if it is gone.</summary>
    public KiB HeldAtEnd { get; init; }

    /// <summary>
    /// The integral over time of its entitlement: its weighted fair share of the host, at most its need.
    /// </summary>
    public double EntitledKiBSeconds { get; init; }

    /// <summary>The integral over time of the needed memory that it had.</summary>
    public double ReceivedKiBSeconds { get; init; }

    /// <summary>The integral over time of its shortage, as far as a balancer could know and end it.</summary>
    public double ShortageKiBSeconds { get; init; }

    /// <summary>Its slowdown in each window of ten seconds, 1 for none; in ascending order.</summary>
    public ImmutableArray<double> Slowdowns { get; init; } = [];

    /// <summary>
    /// How long it had less than its entitlement, each time, in ascending order; the last time may not have ended.
    /// </summary>
    public ImmutableArray<TimeSpan> Deliveries { get; init; } = [];

    /// <summary>
    /// How long it had less of its guaranteed share (by weight alone) than it needed, each time, in ascending order.
    /// </summary>
    public ImmutableArray<TimeSpan> ShareDeliveries { get; init; } = [];

    /// <summary>The accuracy of the policy's estimate; all zero if the policy has none.</summary>
    public EstimateAccuracy EstimateAccuracy { get; init; }
}
