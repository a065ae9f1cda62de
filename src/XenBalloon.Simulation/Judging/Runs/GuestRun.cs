using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>How a guest fared in a run: what the simulation tells of it, and what was seen of it tick by tick.</summary>
public sealed record GuestRun
{
    /// <summary>What the simulation tells.</summary>
    public required GuestOutcome Outcome { get; init; }

    /// <summary>Its name.</summary>
    public string Name => Outcome.Name;

    /// <summary>What it says of its own memory.</summary>
    public ReportHabit Habit { get; init; }

    /// <summary>How long it was there.</summary>
    public TimeSpan Present { get; init; }

    /// <summary>What the hypervisor holds for it at the end; zero when it is gone.</summary>
    public KiB HeldAtEnd { get; init; }

    /// <summary>The sum over time of what it was entitled to: its weighted fair share of the host or what it needed, whichever was less.</summary>
    public double EntitledKiBSeconds { get; init; }

    /// <summary>The sum over time of what it had of what it needed.</summary>
    public double ReceivedKiBSeconds { get; init; }

    /// <summary>The sum over time of what it lacked, as far as a balancer could hear of it and give it.</summary>
    public double ShortageKiBSeconds { get; init; }

    /// <summary>How much longer its work took than without any waiting, 1 for none, in each window of ten seconds; in ascending order.</summary>
    public ImmutableArray<double> Slowdowns { get; init; } = [];

    /// <summary>How long each time it lacked what it was entitled to, the last one perhaps still lasting, in ascending order of length.</summary>
    public ImmutableArray<TimeSpan> Deliveries { get; init; } = [];

    /// <summary>
    /// How long each time it lacked what it needed of its guaranteed share (by weight alone), in ascending order of
    /// length.
    /// </summary>
    public ImmutableArray<TimeSpan> ShareDeliveries { get; init; } = [];

    /// <summary>How the policy's estimate of what it uses went with what it needed; all zero where the policy estimates nothing of it.</summary>
    public Tracking Tracking { get; init; }
}
