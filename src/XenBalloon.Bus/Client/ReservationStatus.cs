using System.Collections.Immutable;
using XenBalloon.Core.Memory;

namespace XenBalloon.Bus.Client;

/// <summary>A reservation, as the daemon shows it.</summary>
public sealed record ReservationStatus
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>Who asked for it: a name on the bus.</summary>
    public required string Owner { get; init; }

    /// <summary>The name or UUID of the domain that it is for; empty where that is not known.</summary>
    public required string For { get; init; }

    /// <summary>Whether it stays when its owner leaves the bus.</summary>
    public required bool Persistent { get; init; }

    /// <summary>It is ready when this much is held.</summary>
    public required KiB Minimum { get; init; }

    /// <summary>No more than this is held.</summary>
    public required KiB Maximum { get; init; }

    /// <summary>Set aside now.</summary>
    public required KiB Held { get; init; }

    /// <summary><c>gathering</c>, <c>ready</c> or <c>claimed</c>.</summary>
    public required string State { get; init; }

    /// <summary>When its minimum must be free; null for no hurry.</summary>
    public required DateTimeOffset? Deadline { get; init; }

    /// <summary>When it will be; null where that is not known.</summary>
    public required DateTimeOffset? Eta { get; init; }

    /// <summary>Who does not give what was asked for, or cannot be asked, one each.</summary>
    public required ImmutableArray<string> BlockedBy { get; init; }

    /// <summary>The number of the domain that it belongs to; null while there is none.</summary>
    public required uint? Domid { get; init; }

    /// <summary>How it stands, in one line.</summary>
    public required string Reason { get; init; }
}
