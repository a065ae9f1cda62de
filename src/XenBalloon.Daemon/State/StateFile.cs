using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace XenBalloon.Daemon.State;

/// <summary>The state as the file holds it; sizes in KiB, times on the wall clock.</summary>
internal sealed record StateFile
{
    /// <summary>The form that this program writes and reads.</summary>
    internal const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>The kernel's number for this boot: bus names and domids mean nothing after another.</summary>
    public required string BootId { get; init; }

    public required ImmutableArray<StateSettings> Settings { get; init; }

    public required ImmutableArray<StateOverride> Overrides { get; init; }

    public required long LastReservation { get; init; }

    public required ImmutableArray<StateReservation> Reservations { get; init; }
}

/// <summary>A target that somebody else wrote, in the file.</summary>
internal sealed record StateOverride(int Domid, Guid Uuid, long TargetKib);

/// <summary>A reservation, in the file.</summary>
internal sealed record StateReservation
{
    public required long Id { get; init; }

    public required long MinKib { get; init; }

    public required long MaxKib { get; init; }

    public required string Owner { get; init; }

    public string? For { get; init; }

    public bool Persistent { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public long OvertakenKib { get; init; }

    public StateClaim? Claim { get; init; }
}

/// <summary>The domain that a reservation belongs to, in the file.</summary>
internal sealed record StateClaim(
    int Domid, Guid Uuid, long HeldBeforeKib, long GrantedKib, long OwedKib, DateTimeOffset TakenAt);

/// <summary>
/// How the file is written: <c>MinKib</c> as <c>min_kib</c>, and nothing where there is no value. Unknown members are
/// refused: they would be lost with the next write.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StateFile))]
internal sealed partial class StateJson : JsonSerializerContext;
