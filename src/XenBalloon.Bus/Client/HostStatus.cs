using System.Collections.Immutable;
using XenBalloon.Bus.Objects;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Client;

/// <summary>The host and its domains, as the daemon shows them. The words are those of the D-Bus interface; a newer daemon may have new ones.</summary>
public sealed record HostStatus
{
    /// <summary>The daemon's version.</summary>
    public required string Version { get; init; }

    /// <summary>What the host is, for example <c>Xen 4.17</c>.</summary>
    public required string Host { get; init; }

    /// <summary><c>observe</c>, <c>active</c> or <c>paused</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Whether memory is moved at all: the mode is <c>active</c>.</summary>
    public bool IsActive => Mode == Words.For(BalancerMode.Active);

    /// <summary>The policy's name.</summary>
    public required string Policy { get; init; }

    /// <summary>The machine's memory.</summary>
    public required KiB Total { get; init; }

    /// <summary>Free now.</summary>
    public required KiB Free { get; init; }

    /// <summary>Always left free.</summary>
    public required KiB Slack { get; init; }

    /// <summary>Left free for the next domain to start, besides the slack.</summary>
    public required KiB KeepFree { get; init; }

    /// <summary>Set aside for domains yet to come.</summary>
    public required KiB Reserved { get; init; }

    /// <summary><c>none</c>, <c>demand</c> or <c>low</c>.</summary>
    public required string Pressure { get; init; }

    /// <summary><c>none</c>, <c>minimums-exceed-host</c> or <c>demand-exceeds-host</c>.</summary>
    public required string Alarm { get; init; }

    /// <summary>The domains, in ascending order of domid.</summary>
    public required ImmutableArray<DomainStatus> Domains { get; init; }

    /// <summary>The open reservations, in the order in which they were asked for.</summary>
    public required ImmutableArray<ReservationStatus> Reservations { get; init; }
}
