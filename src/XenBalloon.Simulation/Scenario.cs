using System.Collections.Immutable;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;
using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation;

/// <summary>A host, its guests, and what happens to them. Nothing but data: <see cref="SimulatedHost"/> brings it to life.</summary>
public sealed record Scenario
{
    /// <summary>What it is called: for example <c>demo</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it shows, in one line.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The machine's memory.</summary>
    public required KiB HostTotal { get; init; }

    /// <summary>dom0's memory, which never changes.</summary>
    public KiB Dom0Memory { get; init; } = KiB.FromMiB(512);

    /// <summary>What a balancer is advised to keep free always; time spent below it is counted.</summary>
    public KiB Slack { get; init; } = KiB.FromMiB(64);

    /// <summary>What the daemon is configured to leave free for the next domain to start; null for what it does unasked.</summary>
    public KiB? KeepFree { get; init; }

    /// <summary>The guests, in the order in which those that are created at the same moment are created.</summary>
    public required ImmutableArray<GuestDescription> Guests { get; init; }

    /// <summary>Where chance comes from: the same seed gives the same run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How long it runs when policies are judged by it.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What it asks of policies.</summary>
    public ImmutableArray<PassLine> PassLines { get; init; } = [];

    /// <summary>What makes the scenario impossible, a line each; empty for a sound one.</summary>
    public IReadOnlyList<string> Problems() => ScenarioCheck.Problems(this);
}
