using System.Collections.Immutable;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Core;

/// <summary>The result of one balancing pass: what to do now, and why.</summary>
public readonly record struct Plan
{
    /// <summary>The time of the pass, on the snapshot's clock.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>The host.</summary>
    public required HostDecision Host { get; init; }

    /// <summary>The domains, in ascending order of domid.</summary>
    public required ImmutableArray<DomainDecision> Domains { get; init; }

    /// <summary>
    /// Reservations that ended in this pass, with the state that shows how; the book no longer has them.
    /// </summary>
    public required ImmutableArray<Reservation> Ended { get; init; }

    /// <summary>
    /// Whether a balloon is moving or gets a new target now: the next pass should follow soon, because no event
    /// announces the movement.
    /// </summary>
    public bool IsMoving { get; init; }

    /// <summary>
    /// What to write, in this order: first commands that free memory, then commands that take it. If one command of a
    /// domain fails, the domain's remaining commands must be skipped.
    /// </summary>
    public required ImmutableArray<HostCommand> Commands { get; init; }
}

/// <summary>The host in one balancing pass.</summary>
/// <param name="Total">The machine's memory.</param>
/// <param name="Free">Free memory.</param>
/// <param name="Slack">Memory that always stays free.</param>
/// <param name="KeepFree">Memory left free for the next domain to start, besides the slack.</param>
/// <param name="Pressure">How urgently memory must move.</param>
/// <param name="Alarm">What an operator should look at.</param>
public readonly record struct HostDecision(
    KiB Total, KiB Free, KiB Slack, KiB KeepFree, HostPressure Pressure, HostAlarm Alarm)
{
    /// <summary>Free memory that is set aside for reservations.</summary>
    public KiB Reserved { get; init; }

    /// <summary>Memory that must still be freed for reservations.</summary>
    public KiB Awaited { get; init; }

    internal static HostDecision Of(in HostPass host, HostPressure pressure, HostAlarm alarm, in BookUpdate reserved)
    {
        HostSnapshot snapshot = host.Snapshot;
        return new(snapshot.Total, snapshot.Free, host.Settings.Slack, host.KeepFree, pressure, alarm)
        {
            Reserved = reserved.Held,
            Awaited = reserved.Wanted,
        };
    }
}

/// <summary>What the daemon publishes after each pass; immutable, so any thread may read it.</summary>
/// <param name="Version">The daemon's version.</param>
/// <param name="Host">The kind of host: <see cref="IXenHost.Description"/>.</param>
/// <param name="Settings">The operator's settings in the pass.</param>
/// <param name="Mode">Whether plans are carried out.</param>
/// <param name="Plan">The newest plan.</param>
/// <param name="Reservations">The open reservations after the pass.</param>
/// <param name="Time">The time of the pass, on the wall clock.</param>
public sealed record Publication(
    string Version,
    string Host,
    BalancerSettings Settings,
    BalancerMode Mode,
    Plan Plan,
    ImmutableArray<Reservation> Reservations,
    DateTimeOffset Time)
{
    /// <summary>The requests of clients to leave a domain alone.</summary>
    public ImmutableArray<DomainHold> Holds { get; init; } = [];

    /// <summary>The alarms of domains: <see cref="DomainAlarmMonitor.Raised"/>.</summary>
    public ImmutableArray<RaisedAlarm> Alarms { get; init; } = [];

    /// <summary>Why the mode is not the requested one, and what to do; empty if it is.</summary>
    public string ModeReason { get; init; } = "";

    /// <summary>Converts a time of the snapshot's clock to the wall clock.</summary>
    public DateTimeOffset ToWallClock(TimeSpan at) => Time + (at - Plan.At);

    /// <summary>Adds reservations that ended before the pass.</summary>
    public Publication With(ImmutableArray<Reservation> endedBefore) => endedBefore.IsEmpty
        ? this
        : this with { Plan = Plan with { Ended = endedBefore.AddRange(Plan.Ended) } };

    /// <summary>The decision on a domain; null if there is no such domain.</summary>
    public DomainDecision? Find(DomainIdentity domain) =>
        Plan.Domains.FirstOrDefault(decision => decision.Domain.Identity == domain);
}
