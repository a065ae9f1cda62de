using System.Collections.Immutable;

namespace XenBalloon.Daemon.State;

/// <summary>The state as the file holds it; sizes in KiB, times on the wall clock.</summary>
internal sealed record StateFile
{
    /// <summary>The form that this program writes and reads.</summary>
    internal const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>The kernel's number for this boot of the host: bus names and domids mean nothing after another.</summary>
    public required string BootId { get; init; }

    public required ImmutableArray<StateSettings> Settings { get; init; }

    public required ImmutableArray<StateOverride> Overrides { get; init; }

    public required long LastReservation { get; init; }

    public required ImmutableArray<StateReservation> Reservations { get; init; }
}
