using System.Collections.Immutable;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Output;

/// <summary>A reservation in JSON. Names are part of the interface, and carry their unit; times are Unix times.</summary>
internal sealed record ReservationJson
{
    public required long Id { get; init; }

    public required string State { get; init; }

    public required long MinKib { get; init; }

    public required long MaxKib { get; init; }

    public required long HeldKib { get; init; }

    public required string For { get; init; }

    public required string Owner { get; init; }

    public required bool Persistent { get; init; }

    public required long? DeadlineSeconds { get; init; }

    public required long? EtaSeconds { get; init; }

    public required ImmutableArray<string> BlockedBy { get; init; }

    public required uint? Domid { get; init; }

    public required string Reason { get; init; }

    internal static ReservationJson Of(ReservationStatus one) => new()
    {
        Id = one.Id,
        State = one.State,
        MinKib = one.Minimum.Value,
        MaxKib = one.Maximum.Value,
        HeldKib = one.Held.Value,
        For = one.For,
        Owner = one.Owner,
        Persistent = one.Persistent,
        DeadlineSeconds = one.Deadline?.ToUnixTimeSeconds(),
        EtaSeconds = one.Eta?.ToUnixTimeSeconds(),
        BlockedBy = one.BlockedBy,
        Domid = one.Domid,
        Reason = one.Reason,
    };
}
